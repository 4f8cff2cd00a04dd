#include "adapter/api_oip/oip_fixture.h"

namespace slipway::api_oip {
namespace {

class InferBinary : public OipFixture {
 protected:
  static std::string floats(std::initializer_list<float> values) {
    std::string bytes;
    for (const float value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    return bytes;
  }
  static std::string header(std::string_view size, std::string_view rest = "") {
    return R"({"inputs":[{"name":"input","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":)" +
           std::string(size) + "}}]" + std::string(rest) + "}";
  }
  net::RecordedExchange& send(const std::string& json, const std::string& tail) {
    return infer(json + tail, "tiny", std::to_string(json.size()));
  }
};

TEST_F(InferBinary, reads_raw_tensors_behind_the_json) {
  const auto& exchange = send(header("12"), floats({1, 2, 3}));
  EXPECT_NE(exchange.answer.find("\"data\":[6.0,-6.0]"), std::string::npos) << exchange.answer;
}

TEST_F(InferBinary, answers_raw_tensors_where_asked_for) {
  const auto& exchange =
      send(header("12", R"(,"outputs":[{"name":"counts"},{"name":"sums","parameters":{"binary_data":true}}])"),
           floats({1, 2, 3}));
  const std::string json =
      R"({"model_name":"tiny","model_version":"1","outputs":[{"name":"counts","datatype":"INT64","shape":[1],"data":[3]},)"
      R"({"name":"sums","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]})";
  EXPECT_EQ(exchange.answer, json + floats({6, -6}));
  EXPECT_EQ(exchange.answer_header("Inference-Header-Content-Length"), std::to_string(json.size()));
  EXPECT_EQ(exchange.answer_header("content-type"), "application/octet-stream");
}

TEST_F(InferBinary, the_wish_of_one_output_wins_over_the_request) {
  const auto& exchange = send(header("12", R"(,"parameters":{"binary_data_output":true},"outputs":[{"name":"sums",)"
                                           R"("parameters":{"binary_data":false}},{"name":"counts"}])"),
                              floats({1, 2, 3}));
  EXPECT_NE(exchange.answer.find("\"data\":[6.0,-6.0]"), std::string::npos);
  EXPECT_NE(exchange.answer.find(R"("parameters":{"binary_data_size":8}})"), std::string::npos);
}

TEST_F(InferBinary, an_octet_stream_without_a_header_is_the_tensor_itself) {
  for (const std::string length : {"0", ""}) {
    net::RecordedExchange exchange(net::Method::Post, "/", floats({1, 2, 3}));
    exchange.with_parameters({"tiny"}).with_header("content-type", "application/octet-stream");
    if (!length.empty()) exchange.with_header("inference-header-content-length", length);
    ask(exchange, "/v2/models/{model}/infer");
    EXPECT_EQ(exchange.status, 200) << exchange.answer;
    EXPECT_TRUE(exchange.answer.ends_with(floats({6, -6}) + std::string("\3\0\0\0\0\0\0\0", 8)));
  }
}

TEST_F(InferBinary, a_raw_body_tells_the_one_free_dimension) {
  serve_echo("free", tensor::DataType::FP32, {2, -1});
  EXPECT_NE(infer(floats({1, 2, 3, 4, 5, 6}), "free", "0").answer.find("\"shape\":[2,3]"), std::string::npos);
  EXPECT_EQ(infer(floats({1, 2, 3}), "free", "0").status, 400);
  serve_echo("text", tensor::DataType::Bytes, {1});
  EXPECT_TRUE(infer("hello", "text", "0").answer.ends_with(std::string("\5\0\0\0hello", 9)));
}

TEST_F(InferBinary, a_raw_body_is_read_and_answered_by_the_version_it_is_assigned_to) {
  model::Manifest wide = tiny();
  wide.signature.inputs[0].shape = {-1, 6};
  predictor_.serve(wide, 2, [](std::span<const tensor::TensorView> inputs) {
    EXPECT_EQ(inputs[0].shape.to_string(), "[1,6]");
    return sum_and_count(inputs);
  });
  for (const model::VersionNumber version : {1U, 2U}) {
    predictor_.assigns = version;
    const auto& exchange = infer(version == 1 ? floats({1, 2, 3}) : floats({1, 2, 3, 4, 5, 6}), "tiny", "0");
    EXPECT_NE(exchange.answer.find("\"model_version\":\"" + std::to_string(version) + "\""), std::string::npos)
        << exchange.answer;
  }
}

TEST_F(InferBinary, sizes_that_lie_are_told) {
  struct Row {
    std::string size, tail, error;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"12", floats({1, 2}), "expected 12 bytes as binary_data_size says, found only 8 left"},
           {"12", floats({1, 2, 3, 4}), "found 4 bytes more"},
           {"8", floats({1, 2}), "expected 12 bytes of data for shape [1,3] of FP32, found 8"},
           {"-1", floats({1, 2, 3}), "expected a whole number from 0, found -1"},
           {"\"12\"", floats({1, 2, 3}), "expected a number, found a string"},
           {"18446744073709551615", floats({1, 2, 3}), "found only 12 left"},
       }) {
    const auto& exchange = send(header(row.size), row.tail);
    EXPECT_EQ(exchange.status, 400);
    EXPECT_NE(exchange.answer.find(row.error), std::string::npos) << exchange.answer;
  }
}

TEST_F(InferBinary, a_header_length_that_lies_is_told) {
  const std::string body = header("12") + floats({1, 2, 3});
  for (const std::string length : {"0", "00", "1000000", "-5", "abc", "18446744073709551616", "12 "}) {
    const auto& exchange = infer(body, "tiny", length);
    EXPECT_EQ(exchange.status, 400) << length;
  }
  EXPECT_EQ(infer(body, "tiny", std::to_string(header("12").size() - 1)).status, 400);
}

}  // namespace
}  // namespace slipway::api_oip
