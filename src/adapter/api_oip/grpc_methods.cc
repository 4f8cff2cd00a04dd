#include "adapter/api_oip/grpc_methods.h"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>
#include <proto/inference.pb.h>

#include <memory>

#include "adapter/api_oip/describe.h"
#include "adapter/api_oip/grpc_infer_call.h"
#include "adapter/api_oip/infer_stream.h"
#include "adapter/api_oip/metadata.h"
#include "adapter/api_oip/repository.h"
#include "adapter/net/grpc_call.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

using access::Permission;

const std::string kService = "/inference.GRPCInferenceService/";

template <class Question>
Result<Question> parsed(ByteSpan message) {
  Question question;
  if (question.ParseFromArray(message.data(), static_cast<int>(message.size()))) return question;
  return invalid_input("expected a serialised " + Question::descriptor()->full_name() + ", found malformed protobuf");
}

// `act`: Result<void>(const Question&, Answer&).
template <class Question, class Answer, class Act>
net::GrpcMethod method(Act act) {
  return [act](ByteSpan message) -> Result<std::string> {
    const auto question = parsed<Question>(message);
    if (!question) return question.error();
    Answer answer;
    if (const auto done = act(*question, answer); !done) return done.error();
    return answer.SerializeAsString();
  };
}

// The same of a question about one model, which the caller's limits must cover.
template <class Question, class Answer, class Act>
net::GrpcGuardedMethod model_method(Act act) {
  return [act](ByteSpan message, const net::Exchange& exchange) -> Result<std::string> {
    const auto question = TRY(parsed<Question>(message));
    TRY(exchange.require_model(question.name()));
    Answer answer;
    TRY(act(question, answer));
    return answer.SerializeAsString();
  };
}

// What HTTP answers in JSON, as a message: one description of a model, not two.
Result<void> from_json(const Result<std::string>& json, google::protobuf::Message& answer) {
  if (!json) return json.error();
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(*json, &answer, options);
  if (status.ok()) return {};
  return internal_error("a description that is no " + answer.GetDescriptor()->full_name() + ": " + status.ToString());
}

template <class Question>
Result<Target> target_of(const Question& question) {
  auto version = wanted_version(question.version());
  if (!version) return std::move(version).error().within("model \"" + printable(question.name()) + "\"");
  return Target{question.name(), *version};
}

void add_server_methods(std::vector<net::Route>& routes, const OipParts& parts) {
  namespace pb = inference;
  ports::Predictor& predictor = parts.predictor;
  const auto add = [&](std::string_view name, Permission permission, net::GrpcMethod what) {
    routes.push_back(net::grpc_route(kService + std::string(name), permission, std::move(what)).checks_models());
  };
  add("ServerLive", Permission::Public,
      method<pb::ServerLiveRequest, pb::ServerLiveResponse>([](const auto&, auto& answer) -> Result<void> {
        answer.set_live(true);
        return {};
      }));
  add("ServerReady", Permission::Public,
      method<pb::ServerReadyRequest, pb::ServerReadyResponse>(
          [&predictor, &repository = parts.repository](const auto&, auto& answer) -> Result<void> {
            answer.set_ready(is_server_ready(predictor, repository));
            return {};
          }));
  add("ServerMetadata", Permission::ReadMetadata,
      method<pb::ServerMetadataRequest, pb::ServerMetadataResponse>(
          [identity = parts.identity](const auto&, auto& answer) {
            return from_json(server_metadata(identity.name, identity.version), answer);
          }));
}

void add_model_methods(std::vector<net::Route>& routes, ports::Predictor& predictor) {
  namespace pb = inference;
  const auto add = [&](std::string_view name, net::GrpcGuardedMethod what) {
    routes.push_back(
        net::grpc_route(kService + std::string(name), Permission::ReadMetadata, std::move(what)).checks_models());
  };
  // As Triton answers: a model that is not there is not ready, and asking so is no error.
  add("ModelReady",
      model_method<pb::ModelReadyRequest, pb::ModelReadyResponse>(
          [&predictor](const auto& question, auto& answer) -> Result<void> {
            const auto target = target_of(question);
            answer.set_ready(target.ok() &&
                             predictor.find(target->model, target->version, ports::Numbering::Protocol).ok());
            return {};
          }));
  add("ModelMetadata", model_method<pb::ModelMetadataRequest, pb::ModelMetadataResponse>(
                           [&predictor](const auto& question, auto& answer) -> Result<void> {
                             return from_json(describe_metadata(predictor, TRY(target_of(question))), answer);
                           }));
  add("ModelConfig", model_method<pb::ModelConfigRequest, pb::ModelConfigResponse>(
                         [&predictor](const auto& question, auto& answer) -> Result<void> {
                           return from_json(describe_config(predictor, TRY(target_of(question))),
                                            *answer.mutable_config());
                         }));
  add("ModelStatistics", model_method<pb::ModelStatisticsRequest, pb::ModelStatisticsResponse>(
                             [&predictor](const auto& question, auto& answer) -> Result<void> {
                               auto text = describe_statistics(predictor, TRY(target_of(question)));
                               // Triton's code for it, which its clients tell from others.
                               if (!text && text.error().code == ErrorCode::NotFound) {
                                 return invalid_input(text.error().message);
                               }
                               return from_json(text, answer);
                             }));
}

// KServe's clients put the model where Triton's put the repository.
template <class Question>
Result<model::ModelName> model_of(const Question& question) {
  const std::string& text = question.model_name().empty() ? question.repository_name() : question.model_name();
  auto name = model::ModelName::parse(text);
  if (name) return name;
  return not_found("model \"" + printable(text) + "\" is not known");
}

// Files come as bytes; tritonclient sends the configuration as a string.
Result<ports::RepositoryOverrides> overrides_of(const inference::RepositoryModelLoadRequest& question) {
  ports::RepositoryOverrides overrides;
  for (const auto& [key, value] : question.parameters()) {
    const std::string& text = value.has_bytes_param() ? value.bytes_param() : value.string_param();
    TRY(add_override(key, text, overrides));
  }
  TRY(check_overrides(overrides));
  return overrides;
}

void add_repository_methods(std::vector<net::Route>& routes, const OipParts& parts) {
  namespace pb = inference;
  RepositoryControl& repository = parts.repository;
  routes.push_back(net::grpc_route(kService + "RepositoryIndex", Permission::ReadMetadata,
                                   method<pb::RepositoryIndexRequest, pb::RepositoryIndexResponse>(
                                       [&repository](const auto& question, auto& answer) -> Result<void> {
                                         const std::string_view filter = question.ready() ? "{\"ready\":true}" : "";
                                         const std::string models =
                                             TRY(repository_index(as_bytes(filter), repository.index()));
                                         return from_json("{\"models\":" + models + "}", answer);
                                       })));
  routes.push_back(net::grpc_blocking_route(
      kService + "RepositoryModelLoad", Permission::Deploy,
      [&repository](ByteSpan message, const access::Principal& caller) -> Result<std::string> {
        const auto question = TRY(parsed<pb::RepositoryModelLoadRequest>(message));
        const model::ModelName name = TRY(model_of(question));
        TRY(repository.load(name, TRY(overrides_of(question)), caller.name));
        pb::RepositoryModelLoadResponse answer;
        answer.set_model_name(name.text());
        answer.set_isloaded(true);
        return answer.SerializeAsString();
      },
      kLoadLimit, net::Work::Long));
  routes.push_back(net::grpc_blocking_route(
      kService + "RepositoryModelUnload", Permission::Deploy,
      [&repository](ByteSpan message, const access::Principal& caller) -> Result<std::string> {
        const auto question = TRY(parsed<pb::RepositoryModelUnloadRequest>(message));
        const model::ModelName name = TRY(model_of(question));
        TRY(repository.unload(name, caller.name));
        pb::RepositoryModelUnloadResponse answer;
        answer.set_model_name(name.text());
        answer.set_isunloaded(true);
        return answer.SerializeAsString();
      },
      mebibytes(1), net::Work::Long));
}

}  // namespace

void add_grpc_methods(std::vector<net::Route>& routes, const OipParts& parts) {
  google::protobuf::SetLogHandler(nullptr);  // malformed messages are the clients', who are told; not the terminal's
  add_server_methods(routes, parts);
  add_model_methods(routes, parts.predictor);
  add_repository_methods(routes, parts);
  auto calls = std::make_shared<std::vector<std::unique_ptr<GrpcInferCalls>>>();
  for (std::size_t i = 0; i < parts.loops; ++i) calls->push_back(std::make_unique<GrpcInferCalls>(parts.predictor));
  routes
      .emplace_back(net::Method::Post, kService + "ModelInfer", Permission::Predict,
                    net::InlineHandler(
                        [calls](net::Exchange& exchange) { (*calls)[exchange.loop_index()]->take().start(exchange); }))
      .checks_models();
  routes.push_back(net::grpc_stream_route(kService + "ModelStreamInfer", Permission::Predict,
                                          [&predictor = parts.predictor](net::GrpcStream& stream) {
                                            return std::make_shared<InferStream>(predictor, stream);
                                          })
                       .checks_models());
}

}  // namespace slipway::api_oip
