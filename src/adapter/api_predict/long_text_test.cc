#include <gtest/gtest.h>

#include <deque>

#include "adapter/api_oip/scripted_predictor.h"
#include "adapter/api_predict/predict_routes.h"
#include "adapter/net/recorded_exchange.h"

namespace slipway::api_predict {
namespace {

// "same" answers each row with what it is.
class LongText : public testing::Test {
 protected:
  LongText() : routes_(predict_routes(predictor_)) {
    model::Manifest same;
    same.name = "same";
    same.signature.inputs.resize(1);
    same.signature.inputs[0].name = "x";
    same.signature.inputs[0].datatype = tensor::DataType::FP32;
    same.signature.inputs[0].shape = {-1, 2};
    same.signature.outputs = same.signature.inputs;
    same.signature.outputs[0].name = "y";
    predictor_.serve(same, 1, [](std::span<const tensor::TensorView> inputs) -> Result<std::vector<tensor::Tensor>> {
      return std::vector{
          tensor::Tensor{"y", tensor::DataType::FP32, inputs[0].shape, {inputs[0].data.begin(), inputs[0].data.end()}}};
    });
  }
  net::RecordedExchange& post(std::string body) {
    net::RecordedExchange& exchange = exchanges_.emplace_back(net::Method::Post, "/predict/same", std::move(body));
    exchange.with_parameters({"same"}).with_header("content-type", "text/csv");
    exchange.is_worker_slow = true;
    exchange.has_worker = has_worker_;
    std::get<net::InlineHandler>(routes_[0].handler)(exchange);
    return exchange;
  }
  static std::string long_csv() {
    std::string rows;
    for (int i = 0; i < 50'000; ++i) rows += "1,0.25\n";
    return rows;
  }

  api_oip::ScriptedPredictor predictor_;
  std::vector<net::Route> routes_;
  std::deque<net::RecordedExchange> exchanges_;
  bool has_worker_ = true;
};

TEST_F(LongText, a_long_text_is_read_aside_and_then_answered) {
  auto& exchange = post(long_csv());
  EXPECT_EQ(exchange.answers, 0);
  exchange.run_what_is_aside();
  EXPECT_EQ(exchange.status, 200);
  EXPECT_TRUE(exchange.answer.ends_with("[1.0,0.25]}]}")) << exchange.answer.substr(exchange.answer.size() - 60);
}

TEST_F(LongText, what_is_wrong_with_a_long_text_is_told_all_the_same) {
  auto& exchange = post(long_csv() + "1,x\n");
  exchange.run_what_is_aside();
  EXPECT_EQ(exchange.status, 400);
  EXPECT_FALSE(exchange.is_watched());
}

TEST_F(LongText, a_peer_that_leaves_while_its_text_is_read_ends_its_request_after_that) {
  auto& gone = post(long_csv());
  gone.leave();
  gone.run_what_is_aside();
  EXPECT_EQ(gone.answers, 0);
  auto& unfinished = post(long_csv());  // the server ends
  unfinished.leave();
  unfinished.aside = {};
  EXPECT_EQ(unfinished.answers, 0);
}

TEST_F(LongText, a_long_text_is_refused_while_all_workers_are_busy) {
  has_worker_ = false;
  const auto& exchange = post(long_csv());
  EXPECT_EQ(exchange.status, 429);
  EXPECT_FALSE(exchange.is_watched());
}

}  // namespace
}  // namespace slipway::api_predict
