#include "adapter/api_grpc/grpc_services.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <proto/health.pb.h>
#include <proto/reflection_v1.pb.h>

#include <algorithm>

#include "adapter/api_grpc/health.h"
#include "adapter/api_grpc/reflection.h"

namespace slipway::api_grpc {
namespace {

namespace reflection = grpc::reflection::v1;

// "wine" answers; "iris" is known and does not.
class TwoModels final : public ports::Predictor {
 public:
  ports::Lane& lane(std::size_t) override { std::abort(); }
  Result<std::shared_ptr<const ports::ServedModel>> find(std::string_view model, std::optional<model::VersionNumber>,
                                                         ports::Numbering) const override {
    if (model == "wine") return std::shared_ptr<const ports::ServedModel>();
    return not_found("no such model");
  }
  std::vector<model::VersionNumber> served_versions(std::string_view, ports::Numbering) const override { return {}; }
  std::vector<ports::ServedState> index() const override {
    using State = ports::ServedState::State;
    return {{"wine", 1, State::Unavailable, ""}, {"wine", 2, State::Ready, ""}, {"iris", 1, State::Loading, ""}};
  }
  Result<std::vector<ports::ModelStatistics>> statistics(std::string_view, std::optional<model::VersionNumber>,
                                                         ports::Numbering) const override {
    return std::vector<ports::ModelStatistics>();
  }
  bool is_ready() const override { return true; }
  bool ready = true;  // the server, which may wait for more than the predictor
};

Readiness of(const TwoModels& predictor) {
  return [&predictor] { return predictor.ready; };
}

Result<std::string> check(const TwoModels& predictor, const std::string& service) {
  grpc::health::v1::HealthCheckRequest question;
  question.set_service(service);
  return check_health(predictor, of(predictor), as_bytes(question.SerializeAsString()));
}

TEST(Health, the_server_the_protocol_and_each_model_have_a_state) {
  TwoModels predictor;
  EXPECT_EQ(health_of(predictor, of(predictor), ""), Health::Serving);
  EXPECT_EQ(health_of(predictor, of(predictor), "inference.GRPCInferenceService"), Health::Serving);
  EXPECT_EQ(health_of(predictor, of(predictor), "wine"), Health::Serving);
  EXPECT_EQ(health_of(predictor, of(predictor), "iris"), Health::NotServing);
  EXPECT_EQ(health_of(predictor, of(predictor), "nobody"), Health::Unknown);
  predictor.ready = false;
  EXPECT_EQ(health_of(predictor, of(predictor), ""), Health::NotServing);
  EXPECT_EQ(health_of(predictor, of(predictor), "wine"), Health::Serving);
}

TEST(Health, a_check_of_a_service_nobody_knows_is_not_found) {
  const TwoModels predictor;
  EXPECT_EQ(*check(predictor, "wine"), "\x08\x01");
  EXPECT_EQ(*check(predictor, "iris"), "\x08\x02");
  EXPECT_EQ(check(predictor, "nobody").error().code, ErrorCode::NotFound);
  EXPECT_EQ(check_health(predictor, of(predictor), as_bytes("\xff")).error().code, ErrorCode::InvalidInput);
}

TEST(Health, the_list_names_every_service_once) {
  const TwoModels predictor;
  grpc::health::v1::HealthListResponse answer;
  ASSERT_TRUE(answer.ParseFromString(*list_health(predictor, of(predictor))));
  EXPECT_EQ(answer.statuses_size(), 4);
  EXPECT_EQ(answer.statuses().at("wine").status(), grpc::health::v1::HealthCheckResponse::SERVING);
  EXPECT_EQ(answer.statuses().at("iris").status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
}

reflection::ServerReflectionResponse ask(const reflection::ServerReflectionRequest& question) {
  reflection::ServerReflectionResponse answer;
  const auto text = answer_reflection(as_bytes(question.SerializeAsString()));
  EXPECT_TRUE(text) << text.error().message;
  EXPECT_TRUE(text && answer.ParseFromString(*text));
  return answer;
}

TEST(Reflection, services_are_listed) {
  reflection::ServerReflectionRequest question;
  question.set_list_services("*");
  std::string names;
  const auto answer = ask(question);
  for (const auto& service : answer.list_services_response().service()) names += service.name() + " ";
  EXPECT_EQ(names,
            "inference.GRPCInferenceService grpc.health.v1.Health grpc.reflection.v1.ServerReflection "
            "grpc.reflection.v1alpha.ServerReflection ");
}

TEST(Reflection, a_symbol_brings_its_file_and_what_that_imports) {
  reflection::ServerReflectionRequest question;
  for (const char* symbol :
       {"inference.GRPCInferenceService", "inference.GRPCInferenceService.ModelInfer", "inference.ModelInferRequest"}) {
    question.set_file_containing_symbol(symbol);
    const auto answer = ask(question);
    ASSERT_EQ(answer.file_descriptor_response().file_descriptor_proto_size(), 2) << symbol;
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(answer.file_descriptor_response().file_descriptor_proto(0)));
    EXPECT_EQ(file.name(), "proto/inference.proto");
    const auto& messages = file.message_type();
    const auto request = std::ranges::find(messages, "ModelInferRequest", &google::protobuf::DescriptorProto::name);
    ASSERT_NE(request, messages.end());
    EXPECT_EQ(request->field(0).json_name(), "modelName");
  }
  question.set_file_by_filename("proto/model_config.proto");
  EXPECT_EQ(ask(question).file_descriptor_response().file_descriptor_proto_size(), 1);
}

TEST(Reflection, what_is_not_there_is_an_answer) {
  reflection::ServerReflectionRequest question;
  question.set_file_containing_symbol("nobody.Knows");
  EXPECT_EQ(ask(question).error_response().error_code(), 5);
  EXPECT_EQ(ask(question).original_request().file_containing_symbol(), "nobody.Knows");
  question.set_file_by_filename("nothing.proto");
  EXPECT_EQ(ask(question).error_response().error_code(), 5);
  question.set_all_extension_numbers_of_type("inference.ModelConfig");
  EXPECT_EQ(ask(question).all_extension_numbers_response().extension_number_size(), 0);
  EXPECT_FALSE(answer_reflection(as_bytes("")));
  EXPECT_FALSE(answer_reflection(as_bytes("\xff")));
}

}  // namespace
}  // namespace slipway::api_grpc
