// The methods of GRPCInferenceService over a server without a network; messages made and read by protobuf's own code.
#include <google/protobuf/text_format.h>
#include <proto/inference.pb.h>

#include "adapter/api_oip/oip_fixture.h"
#include "adapter/net/content_coding.h"
#include "adapter/net/grpc_frames.h"

namespace slipway::api_oip {
namespace {

namespace pb = inference;
using google::protobuf::TextFormat;

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    for (const int shift : {4, 0}) text += "0123456789abcdef"[static_cast<std::uint8_t>(byte) >> shift & 15];
  }
  return text;
}

class Grpc : public OipFixture {
 protected:
  net::RecordedExchange& call(const std::string& method, const std::string& message) {
    std::string body;
    net::append_grpc_prefix(body, 0, message.size());
    const std::string path = "/inference.GRPCInferenceService/" + method;
    net::RecordedExchange& exchange = exchanges_.emplace_back(net::Method::Post, path, body + message);
    exchange.with_header("content-type", "application/grpc");
    return ask(exchange, path);
  }
  template <class Question>
  net::RecordedExchange& call(const std::string& method, const char* question) {
    Question message;
    EXPECT_TRUE(TextFormat::ParseFromString(question, &message)) << question;
    return call(method, message.SerializeAsString());
  }
  template <class Answer>
  static Answer answer_of(const net::RecordedExchange& exchange) {
    Answer answer;
    EXPECT_EQ(exchange.answer_header("grpc-message"), "");
    EXPECT_GE(exchange.answer.size(), 5U);
    EXPECT_TRUE(answer.ParseFromString(exchange.answer.substr(std::min<std::size_t>(5, exchange.answer.size()))));
    return answer;
  }
  template <class Answer, class Question>
  std::string said(const std::string& method, const char* question) {
    TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    std::string text;
    printer.PrintToString(answer_of<Answer>(call<Question>(method, question)), &text);
    return text;
  }
  static pb::ModelInferRequest row() {
    pb::ModelInferRequest request;
    request.set_model_name("tiny");
    auto& input = *request.add_inputs();
    input.set_name("input");
    input.set_datatype("FP32");
    input.add_shape(1);
    input.add_shape(3);
    const float values[3] = {1, 2, 3.5};
    request.add_raw_input_contents(values, sizeof values);
    return request;
  }
  // Numbers one by one, 40,000 rows of them: longer than what is read on the loop.
  static pb::ModelInferRequest long_list() {
    pb::ModelInferRequest request = row();
    request.clear_raw_input_contents();
    request.mutable_inputs(0)->set_shape(0, 40'000);
    for (int i = 0; i < 120'000; ++i) request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1);
    return request;
  }
  net::RecordedExchange& infer_aside(const std::string& message, const char* encoding = nullptr) {
    std::string body;
    net::append_grpc_prefix(body, encoding == nullptr ? 0 : net::kGrpcCompressed, message.size());
    const std::string path = "/inference.GRPCInferenceService/ModelInfer";
    net::RecordedExchange& exchange = exchanges_.emplace_back(net::Method::Post, path, body + message);
    exchange.with_header("content-type", "application/grpc").is_worker_slow = true;
    if (encoding != nullptr) exchange.with_header("grpc-encoding", encoding);
    return ask(exchange, path);
  }
  net::RecordedExchange& infer_message(const pb::ModelInferRequest& request) {
    return call("ModelInfer", request.SerializeAsString());
  }
  std::string refusal(const pb::ModelInferRequest& request) {
    const net::RecordedExchange& exchange = infer_message(request);
    return std::string(exchange.answer_header("grpc-status")) + " " +
           std::string(exchange.answer_header("grpc-message"));
  }
};

TEST_F(Grpc, raw_contents_are_answered_raw) {
  pb::ModelInferRequest request = row();
  request.set_id("grüße");
  const auto answer = answer_of<pb::ModelInferResponse>(infer_message(request));
  EXPECT_EQ(answer.model_name(), "tiny");
  EXPECT_EQ(answer.model_version(), "1");
  EXPECT_EQ(answer.id(), "grüße");
  ASSERT_EQ(answer.outputs_size(), 2);
  EXPECT_EQ(answer.outputs(0).ShortDebugString(), "name: \"sums\" datatype: \"FP32\" shape: 1 shape: 2");
  EXPECT_EQ(answer.outputs(1).ShortDebugString(), "name: \"counts\" datatype: \"INT64\" shape: 1");
  ASSERT_EQ(answer.raw_output_contents_size(), 2);
  float sums[2];
  ASSERT_EQ(answer.raw_output_contents(0).size(), sizeof sums);
  std::memcpy(sums, answer.raw_output_contents(0).data(), sizeof sums);
  EXPECT_EQ(sums[0], 6.5F);
  EXPECT_EQ(exchanges_.back().trailers["grpc-status"], "0");
  EXPECT_EQ(predictor_.last.protocol, "grpc");
}

TEST_F(Grpc, typed_contents_are_answered_raw_too) {
  pb::ModelInferRequest request = row();
  request.clear_raw_input_contents();
  for (const float value : {1.F, 2.F, 3.5F}) {
    request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(value);
  }
  const auto answer = answer_of<pb::ModelInferResponse>(infer_message(request));
  EXPECT_EQ(answer.raw_output_contents_size(), 2);
  EXPECT_FALSE(answer.outputs(0).has_contents());
}

TEST_F(Grpc, outputs_are_chosen_and_shown_as_classes) {
  pb::ModelInferRequest request = row();
  auto& output = *request.add_outputs();
  output.set_name("sums");
  (*output.mutable_parameters())["classification"].set_int64_param(1);
  const auto answer = answer_of<pb::ModelInferResponse>(infer_message(request));
  ASSERT_EQ(answer.outputs_size(), 1);
  EXPECT_EQ(answer.outputs(0).datatype(), "BYTES");
  EXPECT_NE(answer.raw_output_contents(0).find(":0:plus"), std::string::npos);
}

TEST_F(Grpc, parameters_reach_the_lane_and_unknown_ones_do_no_harm) {
  pb::ModelInferRequest request = row();
  auto& parameters = *request.mutable_parameters();
  parameters["timeout"].set_int64_param(1500);
  parameters["priority"].set_uint64_param(1);
  parameters["who"].set_string_param("test");
  parameters["x"].set_double_param(0.5);
  parameters["triton_enable_empty_final_response"].set_bool_param(true);
  const auto answer = answer_of<pb::ModelInferResponse>(infer_message(request));
  EXPECT_TRUE(answer.parameters().at("triton_final_response").bool_param());
  EXPECT_EQ(predictor_.last.timeout, std::chrono::microseconds(1500));
  EXPECT_EQ(predictor_.last.priority, 1U);
}

TEST_F(Grpc, the_calls_own_time_limit_counts_when_it_is_shorter) {
  pb::ModelInferRequest request = row();
  (*request.mutable_parameters())["timeout"].set_int64_param(5000);
  std::string body;
  const std::string message = request.SerializeAsString();
  net::append_grpc_prefix(body, 0, message.size());
  net::RecordedExchange exchange(net::Method::Post, "/inference.GRPCInferenceService/ModelInfer", body + message);
  exchange.with_header("content-type", "application/grpc").with_header("grpc-timeout", "2m");
  ask(exchange, exchange.path());
  EXPECT_EQ(predictor_.last.timeout, std::chrono::milliseconds(2));
}

TEST_F(Grpc, refusals_tell_the_tensor_and_have_tritons_codes) {
  const auto changed = [&](auto&& change) {
    pb::ModelInferRequest request = row();
    change(request);
    return refusal(request);
  };
  EXPECT_EQ(changed([](auto& r) { r.mutable_inputs(0)->set_datatype("FOO"); }),
            "3 input \"input\": expected a datatype (BOOL, UINT8 to UINT64, INT8 to INT64, FP16, BF16, FP32, FP64 or "
            "BYTES), found \"FOO\"");
  EXPECT_EQ(changed([](auto& r) { r.mutable_inputs(0)->set_shape(0, -1); }),
            "3 input \"input\": expected a dimension: a whole number from 0 to 2^63-1, found -1");
  EXPECT_EQ(changed([](auto& r) { r.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1); }),
            "3 input \"input\": expected either contents or raw_input_contents, found both");
  EXPECT_EQ(changed([](auto& r) { r.add_inputs()->set_name("more"); }),
            "3 expected one of raw_input_contents for each of the 2 inputs, found 1");
  EXPECT_EQ(changed([](auto& r) { r.set_model_version("abc"); }), "3 expected a version number from 1, found \"abc\"");
  EXPECT_EQ(changed([](auto& r) { (*r.mutable_parameters())["timeout"].set_string_param("1"); }),
            "3 parameter \"timeout\": expected a whole number from 0, found text");
  for (const auto& [version, code] : {std::pair("9", '5'), {"0", '5'}, {"-1", '3'}}) {
    EXPECT_EQ(changed([&](auto& r) { r.set_model_version(version); })[0], code) << version;
  }
  EXPECT_EQ(changed([](auto& r) { r.set_model_name("nobody"); })[0], '5');
  EXPECT_EQ(changed([](auto& r) { r.clear_model_name(); })[0], '5');
  const auto invalid = [&](auto&& change) { EXPECT_EQ(changed(change)[0], '3') << changed(change); };
  invalid([](auto& r) { r.mutable_inputs(0)->set_datatype("FP64"); });
  invalid([](auto& r) { r.mutable_inputs(0)->set_shape(1, 4); });
  invalid([](auto& r) { r.mutable_inputs(0)->clear_shape(); });
  invalid([](auto& r) { r.mutable_inputs(0)->set_shape(0, INT64_MAX); });
  invalid([](auto& r) { r.mutable_inputs(0)->set_name("wrong"); });
  invalid([](auto& r) { r.set_raw_input_contents(0, std::string(11, '\0')); });
  invalid([](auto& r) { r.clear_raw_input_contents(); });
  invalid([](auto& r) { r.clear_inputs(); });
  invalid([](auto& r) { *r.add_inputs() = r.inputs(0), r.add_raw_input_contents(r.raw_input_contents(0)); });
  invalid([](auto& r) { r.add_outputs()->set_name("unknown"); });
  invalid([](auto& r) { r.add_outputs()->set_name("sums"), r.add_outputs()->set_name("sums"); });
  invalid([](auto& r) { (*r.mutable_parameters())["triton_x"].set_bool_param(true); });
  invalid([](auto& r) {
    for (int i = 0; i < 9; ++i) r.mutable_inputs(0)->add_shape(1);
  });
}

TEST_F(Grpc, more_raw_contents_than_inputs_are_let_be_as_triton_does) {
  pb::ModelInferRequest request = row();
  request.add_raw_input_contents("more");
  EXPECT_EQ(answer_of<pb::ModelInferResponse>(infer_message(request)).outputs_size(), 2);
}

TEST_F(Grpc, malformed_messages_are_invalid) {
  EXPECT_EQ(call("ModelInfer", "\x0a\xff").answer_header("grpc-status"), "3");
  EXPECT_EQ(call("ModelInfer", "\x0a\x02\xff\xfe").answer_header("grpc-status"), "3");  // a name that is no UTF-8
  EXPECT_EQ(call("ModelInfer", "\x0a\x01m\x22\x08\x0a\x01s\x12\x03\x1a\x01\xf8").answer_header("grpc-status"), "3");
  EXPECT_EQ(call("ModelMetadata", "\x0a\xff").answer_header("grpc-status"), "3");
}

TEST_F(Grpc, a_peer_that_leaves_withdraws_its_question) {
  predictor_.hold();
  net::RecordedExchange& exchange = infer_message(row());
  EXPECT_EQ(predictor_.waiting(), 1U);
  exchange.leave();
  EXPECT_EQ(predictor_.cancelled, 1);
  predictor_.flush();
  EXPECT_EQ(exchange.answers, 0);
}

TEST_F(Grpc, health_and_descriptions) {
  EXPECT_EQ((said<pb::ServerLiveResponse, pb::ServerLiveRequest>("ServerLive", "")), "live: true ");
  predictor_.be_ready(false);
  EXPECT_EQ((said<pb::ServerReadyResponse, pb::ServerReadyRequest>("ServerReady", "")), "");
  EXPECT_EQ((said<pb::ModelReadyResponse, pb::ModelReadyRequest>("ModelReady", "name: 'tiny' version: '1'")),
            "ready: true ");
  for (const char* other : {"name: 'nobody'", "name: 'tiny' version: '9'", "name: 'tiny' version: 'x'"}) {
    EXPECT_EQ((said<pb::ModelReadyResponse, pb::ModelReadyRequest>("ModelReady", other)), "") << other;
  }
  EXPECT_EQ((said<pb::ServerMetadataResponse, pb::ServerMetadataRequest>("ServerMetadata", ""))
                .find("name: \"slipway\" version: \"0.0.1\" extensions: \"classification\""),
            0U);
  EXPECT_EQ((said<pb::ModelMetadataResponse, pb::ModelMetadataRequest>("ModelMetadata", "name: 'tiny'")),
            "name: \"tiny\" versions: \"1\" platform: \"scripted_model\" inputs { name: \"input\" datatype: \"FP32\" "
            "shape: -1 shape: 3 } outputs { name: \"sums\" datatype: \"FP32\" shape: -1 shape: 2 } outputs { name: "
            "\"counts\" datatype: \"INT64\" shape: -1 } ");
}

TEST_F(Grpc, a_configuration_is_the_one_of_http) {
  const auto config =
      answer_of<pb::ModelConfigResponse>(call<pb::ModelConfigRequest>("ModelConfig", "name: 'tiny'")).config();
  EXPECT_EQ(config.name(), "tiny");
  EXPECT_EQ(config.version_policy().specific().versions(0), 1);
  EXPECT_EQ(config.input(0).data_type(), pb::TYPE_FP32);
  EXPECT_EQ(config.instance_group(0).kind(), pb::ModelInstanceGroup::KIND_CPU);
  EXPECT_EQ(call<pb::ModelConfigRequest>("ModelConfig", "name: 'nobody'").answer_header("grpc-status"), "5");
}

TEST_F(Grpc, statistics_and_the_index) {
  ports::ModelStatistics counted;
  counted.model = "tiny";
  counted.version = counted.protocol_version = 1;
  counted.inferences = 7;
  counted.success = {3, std::chrono::nanoseconds(900)};
  predictor_.counted = {counted};
  const auto statistics =
      answer_of<pb::ModelStatisticsResponse>(call<pb::ModelStatisticsRequest>("ModelStatistics", "name: 'tiny'"));
  EXPECT_EQ(statistics.model_stats(0).inference_count(), 7U);
  EXPECT_EQ(statistics.model_stats(0).inference_stats().success().ns(), 900U);
  EXPECT_EQ(call<pb::ModelStatisticsRequest>("ModelStatistics", "name: 'nobody'").answer_header("grpc-status"), "3");
  repository_.entries = {{"a", 1, ports::ServedState::State::Ready, ""},
                         {"b", 2, ports::ServedState::State::Unavailable, "why"}};
  EXPECT_EQ((said<pb::RepositoryIndexResponse, pb::RepositoryIndexRequest>("RepositoryIndex", "")),
            "models { name: \"a\" version: \"1\" state: \"READY\" } "
            "models { name: \"b\" version: \"2\" state: \"UNAVAILABLE\" reason: \"why\" } ");
  EXPECT_EQ((said<pb::RepositoryIndexResponse, pb::RepositoryIndexRequest>("RepositoryIndex", "ready: true")),
            "models { name: \"a\" version: \"1\" state: \"READY\" } ");
}

TEST_F(Grpc, shared_memory_says_why_not) {
  const auto& exchange =
      call<pb::SystemSharedMemoryRegisterRequest>("SystemSharedMemoryRegister", "name: 'x' key: '/x' byte_size: 4");
  EXPECT_EQ(exchange.answer_header("grpc-status"), "12");
  EXPECT_NE(exchange.answer_header("grpc-message").find("shares no memory"), std::string::npos);
}

TEST_F(Grpc, a_large_request_is_counted_and_refused_when_there_is_no_room) {
  pb::ModelInferRequest request = row();
  request.clear_raw_input_contents();
  request.mutable_inputs(0)->set_shape(0, 100'000);
  for (int i = 0; i < 300'000; ++i) request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1);
  std::string body;
  net::append_grpc_prefix(body, 0, request.ByteSizeLong());
  const std::string path = "/inference.GRPCInferenceService/ModelInfer";
  auto& exchange = exchanges_.emplace_back(net::Method::Post, path, body + request.SerializeAsString());
  exchange.with_header("content-type", "application/grpc");
  exchange.has_room = false;
  EXPECT_EQ(ask(exchange, path).answer_header("grpc-status"), "14");
  EXPECT_GE(exchange.held, 1'200'000U);
}

TEST_F(Grpc, a_long_list_of_numbers_is_read_aside) {
  serve_tiny_up_to(40'000);
  net::RecordedExchange& exchange = infer_aside(long_list().SerializeAsString());
  EXPECT_FALSE(exchange.finished);
  exchange.run_what_is_aside();
  EXPECT_EQ(answer_of<pb::ModelInferResponse>(exchange).outputs(0).shape(0), 40'000);
}

TEST_F(Grpc, what_is_compressed_is_read_aside) {
  std::string text(5'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i * 7919 >> 5);  // does not shrink much
  pb::ModelInferRequest request = row();
  request.set_id("q");
  (*request.mutable_parameters())["bytes"].set_string_param(hex(text));
  const auto shorter = net::deflate_all(net::Coding::Gzip, request.SerializeAsString());
  ASSERT_TRUE(shorter && shorter->size() > 4'096);
  net::RecordedExchange& exchange = infer_aside(*shorter, "gzip");
  EXPECT_FALSE(exchange.finished);
  exchange.run_what_is_aside();
  EXPECT_EQ(answer_of<pb::ModelInferResponse>(exchange).id(), "q");
}

TEST_F(Grpc, raw_tensors_of_any_size_are_read_at_once) {
  pb::ModelInferRequest request = row();
  request.mutable_inputs(0)->set_shape(0, 40'000);
  request.set_raw_input_contents(0, std::string(480'000, '\0'));
  EXPECT_TRUE(infer_aside(request.SerializeAsString()).finished);
}

TEST_F(Grpc, a_peer_that_leaves_what_is_read_aside_is_not_answered) {
  net::RecordedExchange& exchange = infer_aside(long_list().SerializeAsString());
  exchange.leave();
  exchange.run_what_is_aside();
  EXPECT_EQ(exchange.answers, 0);
}

TEST_F(Grpc, without_a_worker_what_is_long_is_refused) {
  pb::ModelInferRequest request = long_list();
  const std::string message = request.SerializeAsString();
  std::string body;
  net::append_grpc_prefix(body, 0, message.size());
  const std::string path = "/inference.GRPCInferenceService/ModelInfer";
  net::RecordedExchange& exchange = exchanges_.emplace_back(net::Method::Post, path, body + message);
  exchange.with_header("content-type", "application/grpc").has_worker = false;
  ask(exchange, path);
  EXPECT_EQ(exchange.answer_header("grpc-status"), "8");
}

}  // namespace
}  // namespace slipway::api_oip
