#include "adapter/api_oip/oip_fixture.h"

namespace slipway::api_oip {
namespace {

class Infer : public OipFixture {};

TEST_F(Infer, answers_all_outputs_in_the_order_of_the_signature) {
  const auto& exchange = infer(request("[1,2,3.5]"));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.answer_header("content-type"), "application/json");
  EXPECT_EQ(exchange.answer,
            R"({"model_name":"tiny","model_version":"1","outputs":[{"name":"sums","datatype":"FP32","shape":[1,2],)"
            R"("data":[6.5,-6.5]},{"name":"counts","datatype":"INT64","shape":[1],"data":[3]}]})");
  EXPECT_TRUE(exchange.finished);
  EXPECT_EQ(exchange.answers, 1);
  EXPECT_FALSE(exchange.is_watched());
}

TEST_F(Infer, takes_nested_data_and_several_rows) {
  EXPECT_NE(infer(request("[[1,2,3],[4,5,6]]", "[2,3]")).answer.find("\"data\":[6.0,-6.0,15.0,-15.0]"),
            std::string::npos);
}

TEST_F(Infer, answers_only_the_outputs_asked_for_in_their_order) {
  const auto& exchange = infer(request("[1,2,3]", "[1,3]", R"(,"outputs":[{"name":"counts"},{"name":"sums"}])"));
  const std::size_t counts = exchange.answer.find("\"name\":\"counts\"");
  EXPECT_LT(counts, exchange.answer.find("\"name\":\"sums\""));
  EXPECT_EQ(infer(request("[1,2,3]", "[1,3]", R"(,"outputs":[{"name":"counts"}])")).answer.find("sums"),
            std::string::npos);
  EXPECT_NE(infer(request("[1,2,3]", "[1,3]", R"(,"outputs":[])")).answer.find("sums"), std::string::npos);
}

TEST_F(Infer, echoes_any_id_and_leaves_it_out_where_there_was_none) {
  EXPECT_TRUE(infer(request("[1,2,3]", "[1,3]", R"(,"id":"\u00e4 \"1\"\u0000")"))
                  .answer.starts_with("{\"id\":\"\xC3\xA4 \\\"1\\\"\\u0000\",\"model_name\""));
  EXPECT_EQ(infer(request("[1,2,3]")).answer.find("\"id\""), std::string::npos);
}

TEST_F(Infer, data_may_come_before_shape_and_datatype) {
  const auto& exchange = infer(
      R"({"outputs":[{"name":"sums"}],"inputs":[{"data":[1,2,3],"datatype":"FP32","parameters":{"a":1},"shape":[1,3],"name":"input"}],"id":"x"})");
  EXPECT_EQ(exchange.status, 200) << exchange.answer;
  EXPECT_NE(exchange.answer.find("[6.0,-6.0]"), std::string::npos);
}

TEST_F(Infer, passes_timeout_and_priority_on_and_accepts_parameters_nobody_knows) {
  predictor_.hold();
  auto& exchange = infer(request(
      "[1,2,3]", "[1,3]", R"(,"parameters":{"timeout":2500,"priority":3,"x":1.5,"y":true,"z":18446744073709551615})"));
  EXPECT_EQ(predictor_.last.timeout, Duration(std::chrono::microseconds(2500)));
  EXPECT_EQ(predictor_.last.priority, 3U);
  EXPECT_EQ(predictor_.last.protocol, "http");
  EXPECT_EQ(predictor_.last.received_at, TimePoint{});  // of the exchange: when the last byte was read
  exchange.leave();
}

TEST_F(Infer, reads_and_prints_what_json_has_no_numbers_for) {
  const auto& exchange = infer(request("[NaN,1,2]"));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_NE(exchange.answer.find("\"data\":[NaN,NaN]"), std::string::npos);
  EXPECT_NE(infer(request("[1e39,-Infinity,0]")).answer.find("NaN"), std::string::npos);
}

TEST_F(Infer, echoes_every_datatype_exactly) {
  struct Row {
    tensor::DataType type;
    std::string_view data;
  };
  for (const Row& row : std::initializer_list<Row>{{tensor::DataType::Bool, "[true,false]"},
                                                   {tensor::DataType::UInt64, "[18446744073709551615,0]"},
                                                   {tensor::DataType::Int64, "[-9223372036854775808,9007199254740993]"},
                                                   {tensor::DataType::Int8, "[-128,127]"},
                                                   {tensor::DataType::FP16, "[0.5,65504.0]"},
                                                   {tensor::DataType::BF16, "[1.0,-0.0]"},
                                                   {tensor::DataType::FP64, "[0.1,1e-300]"},
                                                   {tensor::DataType::Bytes, R"(["a\u0000b",""])"}}) {
    const std::string name = "echo" + std::string(name_of(row.type));
    serve_echo(name, row.type, {-1});
    const auto& exchange = infer(R"({"inputs":[{"name":"x","shape":[2],"datatype":")" + std::string(name_of(row.type)) +
                                     R"(","data":)" + std::string(row.data) + "}]}",
                                 name);
    EXPECT_NE(exchange.answer.find("\"data\":" + std::string(row.data)), std::string::npos) << exchange.answer;
  }
}

TEST_F(Infer, shows_classes_with_labels) {
  const auto& exchange =
      infer(request("[1,2,3,0,0,-1]", "[2,3]", R"(,"outputs":[{"name":"sums","parameters":{"classification":1}}])"));
  EXPECT_NE(
      exchange.answer.find(R"({"name":"sums","datatype":"BYTES","shape":[2,1],"data":["6.0:0:plus","1.0:1:minus"]})"),
      std::string::npos)
      << exchange.answer;
}

TEST_F(Infer, a_refusal_of_the_lane_becomes_its_status) {
  predictor_.serve(tiny(), 2, [](auto) -> Result<std::vector<tensor::Tensor>> { return overloaded("full"); });
  const auto& exchange = infer(request("[1,2,3]"));
  EXPECT_EQ(exchange.status, 429);
  EXPECT_EQ(exchange.answer, R"({"error":"full","code":"Overloaded"})");
}

TEST_F(Infer, a_peer_that_leaves_withdraws_its_request) {
  predictor_.hold();
  auto& gone = infer(request("[1,2,3]"));
  auto& stays = infer(request("[4,5,6]"));
  gone.leave();
  EXPECT_EQ(predictor_.cancelled, 1);
  predictor_.flush();
  EXPECT_EQ(gone.answers, 0);
  EXPECT_EQ(stays.status, 200);
}

// A request of more text than is read on the loop.
std::string long_request(const std::string& last = "7") {
  std::string values;
  for (int i = 0; i < 150'000; ++i) values += "1,";
  return R"({"inputs":[{"name":"x","shape":[1,150001],"datatype":"FP32","data":[)" + values + last + "]}]}";
}

TEST_F(Infer, a_long_text_is_read_aside_and_then_submitted) {
  serve_echo("long", tensor::DataType::FP32, {-1, -1});
  is_worker_slow_ = true;
  auto& exchange = infer(long_request(), "long");
  EXPECT_EQ(exchange.answers, 0);
  exchange.run_what_is_aside();
  exchange.run_what_is_aside();  // its answer is as long
  EXPECT_EQ(exchange.status, 200) << exchange.answer.substr(0, 300);
  EXPECT_TRUE(exchange.answer.ends_with(",1.0,7.0]}]}"));
}

// A request of few bytes with an answer of many: the outputs go away while it is written.
class LongAnswer : public Infer {
 protected:
  static constexpr std::size_t kCount = 100'000;
  LongAnswer() {
    predictor_.serve(tiny(), 1, [](auto) -> Result<std::vector<tensor::Tensor>> {
      tensor::Tensor sums{"sums", tensor::DataType::FP32, {kCount / 2, 2}, {}};
      tensor::Tensor counts{"counts", tensor::DataType::Int64, {1}, std::vector<std::byte>(8)};
      const std::vector<float> values(kCount, 0.5F);
      append(sums, values.data(), values.size() * sizeof(float));
      return std::vector{sums, counts};
    });
    is_worker_slow_ = true;
  }
};

TEST_F(LongAnswer, is_written_aside) {
  auto& exchange = infer(request("[1,2,3]"));
  EXPECT_EQ(exchange.answers, 0);
  exchange.run_what_is_aside();
  EXPECT_EQ(exchange.status, 200);
  EXPECT_FALSE(exchange.is_watched());
  EXPECT_GT(exchange.held, kCount * 10);
  EXPECT_EQ(exchange.answer.find(R"({"model_name":"tiny","model_version":"1","outputs":[{"name":"sums")"), 0U);
  EXPECT_TRUE(exchange.answer.ends_with(R"(0.5]},{"name":"counts","datatype":"INT64","shape":[1],"data":[0]}]})"));
}

TEST_F(LongAnswer, of_a_peer_that_leaves_meanwhile_is_dropped) {
  auto& gone = infer(request("[1,2,3]"));
  gone.leave();
  gone.run_what_is_aside();
  EXPECT_EQ(gone.answers, 0);
  EXPECT_EQ(predictor_.cancelled, 0);
}

TEST_F(LongAnswer, of_a_server_that_ends_meanwhile_leaves_nothing_behind) {
  auto& exchange = infer(request("[1,2,3]"));
  exchange.leave();
  exchange.aside = {};
  EXPECT_EQ(exchange.answers, 0);
}

TEST_F(LongAnswer, is_refused_without_memory_or_worker) {
  net::RecordedExchange poor(net::Method::Post, "/", request("[1,2,3]"));
  poor.with_parameters({"tiny"}).room = 500'000;
  EXPECT_EQ(ask(poor, "/v2/models/{model}/infer").status, 503);
  net::RecordedExchange busy(net::Method::Post, "/", request("[1,2,3]"));
  busy.with_parameters({"tiny"}).has_worker = false;
  EXPECT_EQ(ask(busy, "/v2/models/{model}/infer").status, 429);
}

TEST_F(LongAnswer, that_is_binary_is_written_at_once) {
  auto& exchange = infer(R"({"parameters":{"binary_data_output":true},)" + request("[1,2,3]").substr(1));
  EXPECT_EQ(exchange.status, 200);
}

TEST_F(Infer, what_is_wrong_with_a_long_text_is_told_all_the_same) {
  is_worker_slow_ = true;
  auto& exchange = infer(long_request("six"));
  exchange.run_what_is_aside();
  EXPECT_EQ(exchange.status, 400);
}

TEST_F(Infer, a_peer_that_leaves_while_its_text_is_read_ends_its_request_after_that) {
  is_worker_slow_ = true;
  auto& gone = infer(long_request());
  gone.leave();
  gone.run_what_is_aside();
  EXPECT_EQ(gone.answers, 0);
  EXPECT_EQ(predictor_.cancelled, 0);
  EXPECT_EQ(infer(request("[1,2,3]")).status, 200);
}

TEST_F(Infer, a_server_that_ends_while_a_text_is_read_leaves_nothing_behind) {
  is_worker_slow_ = true;
  auto& exchange = infer(long_request());
  exchange.leave();
  exchange.aside = {};
  EXPECT_EQ(exchange.answers, 0);
}

TEST_F(Infer, a_long_text_is_refused_while_all_workers_are_busy) {
  net::RecordedExchange exchange(net::Method::Post, "/", long_request());
  exchange.with_parameters({"tiny"}).has_worker = false;
  EXPECT_EQ(ask(exchange, "/v2/models/{model}/infer").status, 429);
  EXPECT_FALSE(exchange.is_watched());
}

TEST_F(Infer, many_requests_wait_and_each_gets_its_own_answer) {
  predictor_.hold();
  std::vector<std::unique_ptr<net::RecordedExchange>> exchanges;
  for (int i = 0; i < 600; ++i) {
    exchanges.push_back(
        std::make_unique<net::RecordedExchange>(net::Method::Post, "/", request("[" + std::to_string(i) + ",0,0]")));
    exchanges.back()->with_parameters({"tiny"});
    ask(*exchanges.back(), "/v2/models/{model}/infer");
  }
  predictor_.flush();
  for (int i = 0; i < 600; ++i) {
    EXPECT_NE(exchanges[static_cast<std::size_t>(i)]->answer.find("[" + std::to_string(i) + ".0,"), std::string::npos);
  }
}

TEST_F(Infer, versions_are_numbers_in_the_path) {
  const auto ask_version = [&](const std::string& version) {
    net::RecordedExchange exchange(net::Method::Post, "/", request("[1,2,3]"));
    exchange.with_parameters({"tiny", version});
    return ask(exchange, "/v2/models/{model}/versions/{version}/infer").status;
  };
  EXPECT_EQ(ask_version("1"), 200);
  for (const std::string version : {"9", "0", "-1", "abc", "01", "1.0"})
    EXPECT_EQ(ask_version(version), 404) << version;
}

TEST_F(Infer, the_body_goes_as_soon_as_its_numbers_are_read) {
  serve_tiny_up_to(4000);
  std::string numbers = "[1";
  for (int i = 1; i < 12'000; ++i) numbers += ",1.00000";
  const std::string wish = R"(,"id":"the one","outputs":[{"name":"counts"}])";
  const net::RecordedExchange& exchange = infer(request(numbers + "]", "[4000,3]", wish));
  EXPECT_TRUE(exchange.is_body_released);
  EXPECT_NE(exchange.answer.find(R"("id":"the one")"), std::string::npos) << exchange.answer.substr(0, 200);
  EXPECT_NE(exchange.answer.find(R"("name":"counts")"), std::string::npos);
}

TEST_F(Infer, the_body_stays_where_a_tensor_lies_in_it) {
  serve_tiny_up_to(8000);
  const std::string head =
      R"({"inputs":[{"name":"input","shape":[8000,3],"datatype":"FP32","parameters":{"binary_data_size":96000}}]})";
  const auto& exchange = infer(head + std::string(96'000, '\0'), "tiny", std::to_string(head.size()));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_FALSE(exchange.is_body_released);
}

}  // namespace
}  // namespace slipway::api_oip
