#include <gtest/gtest.h>

#include <cstring>
#include <deque>

#include "adapter/api_oip/scripted_predictor.h"
#include "adapter/api_predict/predict_routes.h"
#include "adapter/net/recorded_exchange.h"

namespace slipway::api_predict {
namespace {

using tensor::DataType;
using Tensors = Result<std::vector<tensor::Tensor>>;

template <class Number>
tensor::Tensor made(std::string name, DataType type, tensor::Shape shape, const std::vector<Number>& numbers) {
  tensor::Tensor tensor{std::move(name), type, shape, {}};
  const auto bytes = std::as_bytes(std::span(numbers));
  tensor.data.assign(bytes.begin(), bytes.end());
  return tensor;
}

tensor::TensorSpec spec(std::string name, DataType type, tensor::Shape shape) {
  tensor::TensorSpec made_spec;
  made_spec.name = std::move(name);
  made_spec.datatype = type;
  made_spec.shape = shape;
  return made_spec;
}

class Predict : public testing::Test {
 protected:
  Predict() : routes_(predict_routes(predictor_)) {
    // "flower": length, width -> P(tulip) = length - width.
    model::Manifest flower;
    flower.name = "flower";
    flower.signature.inputs = {spec("input", DataType::FP32, {-1, 2})};
    flower.signature.inputs[0].features = {"petal length", "petal width"};
    flower.signature.outputs = {spec("probabilities", DataType::FP32, {-1, 2})};
    flower.signature.outputs[0].labels = {"rose", "tulip"};
    predictor_.serve(flower, 1, [](std::span<const tensor::TensorView> inputs) -> Tensors {
      const auto rows = static_cast<std::size_t>(inputs[0].shape[0]);
      std::vector<float> numbers(2 * rows);
      std::memcpy(numbers.data(), inputs[0].data.data(), inputs[0].data.size());
      for (std::size_t row = 0; row < rows; ++row) {
        const float tulip = numbers[2 * row] - numbers[2 * row + 1];
        numbers[2 * row] = 1 - tulip;
        numbers[2 * row + 1] = tulip;
      }
      return std::vector{made("probabilities", DataType::FP32, {inputs[0].shape[0], 2}, numbers)};
    });
    // "price": a number, a string and an optional flag, each an input of its own -> a value and a class by number.
    model::Manifest price;
    price.name = "price";
    price.signature.inputs = {spec("age", DataType::Int64, {-1, 1}), spec("city", DataType::Bytes, {-1, 1}),
                              spec("sea", DataType::Bool, {-1, 1})};
    price.signature.inputs[2].optional = true;
    price.signature.outputs = {spec("price", DataType::FP64, {-1}), spec("class", DataType::Int64, {-1})};
    price.signature.outputs[1].labels = {"cheap", "dear"};
    predictor_.serve(price, 1, [](std::span<const tensor::TensorView> inputs) -> Tensors {
      const auto rows = static_cast<std::size_t>(inputs[0].shape[0]);
      std::vector<double> prices(rows, inputs.size() == 3 ? 2.5 : 1.0);
      std::vector<std::int64_t> classes(rows, 1);
      return std::vector{made("price", DataType::FP64, {inputs[0].shape[0]}, prices),
                         made("class", DataType::Int64, {inputs[0].shape[0]}, classes)};
    });
  }

  // Answers two strings a row: the city, and the row's number.
  void serve_words(std::uint64_t max_batch = 64, std::string_view fails_at = "none") {
    model::Manifest words;
    words.name = "words";
    words.signature.inputs = {spec("city", DataType::Bytes, {-1, 1})};
    words.signature.outputs = {spec("words", DataType::Bytes, {-1, 2})};
    words.batching.max_batch = max_batch;
    predictor_.serve(words, 1, [fails_at](std::span<const tensor::TensorView> inputs) -> Tensors {
      tensor::Tensor out{"words", DataType::Bytes, {inputs[0].shape[0], 2}, {}};
      ByteSpan rest = inputs[0].data;
      for (std::int64_t row = 0; row < inputs[0].shape[0]; ++row) {
        const auto element = tensor::next_bytes_element(rest);
        if (element.text == fails_at) return invalid_input("a word that fails");
        tensor::append_bytes_element(out.data, element.text);
        tensor::append_bytes_element(out.data, std::to_string(row));
        rest = element.rest;
      }
      return std::vector{std::move(out)};
    });
  }

  // The sum of two numbers, which it takes without rows.
  void serve_one_at_a_time() {
    model::Manifest single;
    single.name = "single";
    single.signature.inputs = {spec("x", DataType::FP32, {2})};
    single.signature.outputs = {spec("sum", DataType::FP32, {1})};
    predictor_.serve(single, 1, [](std::span<const tensor::TensorView> inputs) -> Tensors {
      float numbers[2];
      std::memcpy(numbers, inputs[0].data.data(), sizeof numbers);
      return std::vector{made("sum", DataType::FP32, {1}, std::vector{numbers[0] + numbers[1]})};
    });
  }

  // A later version that takes the length alone, and gives it back.
  void serve_flower_without_width(model::VersionNumber version) {
    model::Manifest flower;
    flower.name = "flower";
    flower.signature.inputs = {spec("input", DataType::FP32, {-1, 1})};
    flower.signature.inputs[0].features = {"petal length"};
    flower.signature.outputs = {spec("size", DataType::FP32, {-1, 1})};
    predictor_.serve(flower, version, [](std::span<const tensor::TensorView> inputs) -> Tensors {
      return std::vector{
          tensor::Tensor{"size", DataType::FP32, inputs[0].shape, {inputs[0].data.begin(), inputs[0].data.end()}}};
    });
  }

  net::RecordedExchange& post(const std::string& model, std::string body,
                              const std::string& type = "application/json") {
    net::RecordedExchange& exchange = exchanges_.emplace_back(net::Method::Post, "/predict/" + model, std::move(body));
    exchange.with_parameters({model}).with_header("content-type", type);
    exchange.room = room_;
    std::get<net::InlineHandler>(routes_[0].handler)(exchange);
    return exchange;
  }
  std::string refusal(const std::string& model, std::string body, const std::string& type = "application/json") {
    const auto& exchange = post(model, std::move(body), type);
    EXPECT_EQ(exchange.status, 400) << exchange.answer;
    return exchange.answer;
  }

  api_oip::ScriptedPredictor predictor_;
  std::vector<net::Route> routes_;
  std::deque<net::RecordedExchange> exchanges_;
  std::size_t room_ = SIZE_MAX;  // for what a request keeps
};

constexpr std::string_view kTulip = R"({"label":"tulip","probabilities":{"rose":0.25,"tulip":0.75}})";

TEST_F(Predict, every_row_gets_its_own_strings) {
  serve_words();
  EXPECT_EQ(post("words", R"({"rows":[["Rome"],[""],["Oslo"]]})").answer,
            R"({"model":"words","version":1,"predictions":[{"values":["Rome","0"]},{"values":["","1"]},)"
            R"({"values":["Oslo","2"]}]})");
}

TEST_F(Predict, takes_features_by_name_and_answers_labels_by_name) {
  const auto& exchange = post("flower", R"({"features":{"petal width":0.25,"petal length":1}})");
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.answer, R"({"model":"flower","version":1,"predictions":[)" + std::string(kTulip) + "]}");
}

TEST_F(Predict, answers_values_where_labels_are_no_keys) {
  model::Manifest same;
  same.name = "same";
  same.signature.inputs = {spec("input", DataType::FP32, {-1, 2})};
  same.signature.outputs = {spec("probabilities", DataType::FP32, {-1, 2})};
  same.signature.outputs[0].labels = {"rose", "rose"};
  same.signature.outputs[0].distinct_labels = false;
  predictor_.serve(same, 1, [](std::span<const tensor::TensorView>) -> Tensors {
    return std::vector{made("probabilities", DataType::FP32, {1, 2}, std::vector{0.25F, 0.75F})};
  });
  EXPECT_EQ(post("same", R"({"row":[1,2]})").answer,
            R"({"model":"same","version":1,"predictions":[{"values":[0.25,0.75]}]})");
}

TEST_F(Predict, takes_a_row_rows_and_lists_of_feature_objects) {
  for (const std::string body : {R"({"row":[1,0.25]})", R"({"rows":[[1,0.25]]})", R"({"row":[[1],[0.25]]})",
                                 R"({"features":[{"petal length":1,"petal width":0.25}]})",
                                 R"({"rows":[{"petal length":1,"petal width":0.25}]})", "[1,0.25]", " [[1,0.25]]",
                                 "[[[1],[0.25]]]", R"([{"petal length":1,"petal width":0.25}])"}) {
    EXPECT_NE(post("flower", body).answer.find(kTulip), std::string::npos) << body;
  }
  const auto& two = post("flower", R"({"rows":[[1,0.25],[0.25,0.25]]})");
  EXPECT_NE(two.answer.find(R"(},{"label":"rose","probabilities":{"rose":1.0,"tulip":0.0}}])"), std::string::npos);
}

TEST_F(Predict, takes_csv_with_and_without_a_heading_in_any_order) {
  for (const std::string body :
       {"1,0.25\n", "1, 0.25", "petal length,petal width\r\n1,0.25\r\n", "petal width,petal length\n0.25,1\n",
        "\"petal width\",\"petal length\"\n\"0.25\",1\n\n"}) {
    EXPECT_NE(post("flower", body, "text/csv; charset=utf-8").answer.find(kTulip), std::string::npos) << body;
  }
  EXPECT_NE(post("flower", "1,0.25", "application/x-www-form-urlencoded").answer.find(kTulip), std::string::npos);
}

TEST_F(Predict, tells_which_feature_is_wrong_and_what_was_meant) {
  EXPECT_NE(refusal("flower", R"({"features":{"petal lenght":1,"petal width":2}})")
                .find(R"(unknown feature \"petal lenght\": did you mean \"petal length\"?)"),
            std::string::npos);
  EXPECT_NE(
      refusal("flower", R"({"features":{"weight":1}})").find(R"(the model takes \"petal length\", \"petal width\")"),
      std::string::npos);
  EXPECT_NE(refusal("flower", R"({"features":{"petal length":1}})").find(R"(feature \"petal width\" is missing)"),
            std::string::npos);
  EXPECT_NE(refusal("flower", R"({"features":{"petal length":"x","petal width":2}})")
                .find(R"(feature \"petal length\": expected a number, found a string at $.features[\"petal length\"])"),
            std::string::npos);
  EXPECT_NE(refusal("flower", R"({"features":{"petal width":1,"petal width":2}})").find("given twice"),
            std::string::npos);
}

TEST_F(Predict, tells_rows_of_the_wrong_length_and_bodies_of_the_wrong_form) {
  EXPECT_NE(refusal("flower", R"({"row":[1]})").find("expected 2 values in a row, found 1 at $.row, byte 7"),
            std::string::npos);
  EXPECT_NE(
      refusal("flower", R"({"rows":[[1,2],[1,2,3]]})").find("expected 2 values in a row, found more at $.rows[1][2]"),
      std::string::npos);
  for (const std::string body :
       {"", "[]", "{}", "3", "[1,2] x", "[[1],[2]]", R"({"rows":[]})", R"({"row":[1,2],"rows":[]})",
        R"({"data":[1,2]})", R"({"row":{"petal length":1}})", R"({"row":[1,2]} x)", "{\"row\":[1,null]}"}) {
    refusal("flower", body);
  }
}

TEST_F(Predict, tells_the_line_of_csv_that_is_wrong) {
  EXPECT_NE(refusal("flower", "1,2\n1,x\n", "text/csv")
                .find(R"(line 2: feature \"petal width\": expected a value of FP32, found \"x\")"),
            std::string::npos);
  EXPECT_NE(refusal("flower", "1,2\n1\n", "text/csv").find("line 2: expected 2 values, found 1"), std::string::npos);
  EXPECT_NE(refusal("flower", "petal length,petal witdh\n1,2\n", "text/csv").find("did you mean"), std::string::npos);
  EXPECT_NE(refusal("flower", "1,\n", "text/csv").find("found an empty cell"), std::string::npos);
  EXPECT_NE(refusal("flower", "1,\"2\n", "text/csv").find("closing quote"), std::string::npos);
  EXPECT_NE(refusal("flower", "petal length,petal width\n", "text/csv").find("at least one row"), std::string::npos);
}

TEST_F(Predict, mixes_types_and_shows_several_outputs_by_name) {
  const std::string answer =
      R"({"model":"price","version":1,"predictions":[{"outputs":{"price":{"value":1.0},"class":{"label":"dear"}}}]})";
  EXPECT_EQ(post("price", R"({"features":{"city":"K\u00f6ln","age":3}})").answer, answer);
  EXPECT_EQ(post("price", "age,city\n3,\"Rome, \"\"old\"\"\"\n", "text/csv").answer, answer);
  EXPECT_NE(post("price", R"({"row":[3,"Rome",true]})").answer.find("2.5"), std::string::npos);
  EXPECT_NE(refusal("price", R"({"features":[{"age":1,"city":"a"},{"age":1,"city":"a","sea":true}]})")
                .find("in every row or in none"),
            std::string::npos);
}

TEST_F(Predict, scores_that_are_no_probabilities_are_not_called_so) {
  EXPECT_NE(post("flower", R"({"row":[5,1]})").answer.find(R"("label":"tulip","scores":{"rose":-3.0,"tulip":4.0})"),
            std::string::npos);
}

TEST_F(Predict, finds_versions_and_refuses_what_is_not_served) {
  EXPECT_EQ(post("flower:1", R"({"row":[1,0]})").status, 200);
  EXPECT_EQ(post("flower:9", R"({"row":[1,0]})").status, 404);
  EXPECT_EQ(post("flower:x", R"({"row":[1,0]})").status, 404);
  EXPECT_EQ(post("nobody", R"({"row":[1,0]})").status, 404);
  EXPECT_EQ(post("flower", "<a/>", "application/xml").status, 415);
}

TEST_F(Predict, a_model_with_open_shapes_or_no_names_says_what_to_do) {
  model::Manifest open;
  open.name = "open";
  open.signature.inputs = {spec("x", DataType::FP32, {-1, -1})};
  predictor_.serve(open, 1, nullptr);
  EXPECT_NE(refusal("open", R"({"row":[1]})").find("/v2/models/{model}/infer"), std::string::npos);
  open.name = "unnamed";
  open.signature.inputs = {spec("x", DataType::FP32, {-1, 4})};
  predictor_.serve(open, 1, nullptr);
  EXPECT_NE(refusal("unnamed", R"({"features":{"a":1}})").find("does not name its features"), std::string::npos);
}

std::string rows_json(int count) {
  std::string rows = "{\"rows\":[";
  for (int i = 0; i < count; ++i) rows += (i == 0 ? "[" : ",[") + std::to_string(i) + ",0]";
  return rows + "]}";
}

std::size_t occurrences(const std::string& text, std::string_view of) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(of, at)) != std::string::npos; at += of.size()) ++found;
  return found;
}

TEST_F(Predict, more_rows_than_a_batch_take_several_executions_and_are_answered_as_one) {
  const int rows = 64 * 20 + 3;
  const auto& exchange = post("flower", rows_json(rows));
  ASSERT_EQ(exchange.status, 200) << exchange.answer;
  EXPECT_EQ(occurrences(exchange.answer, "\"label\""), static_cast<std::size_t>(rows));
  std::size_t at = 0;
  for (int i = 2; i < rows && at != std::string::npos; ++i) {  // every row, in its order
    at = exchange.answer.find("\"tulip\":" + std::to_string(i) + ".0}", at);
  }
  EXPECT_NE(at, std::string::npos);
  EXPECT_EQ(predictor_.assignments, 1);
}

TEST_F(Predict, parts_that_are_answered_later_come_in_the_order_of_their_rows) {
  predictor_.hold();
  const auto& exchange = post("flower", rows_json(64 * 6));
  EXPECT_EQ(predictor_.waiting(), 4U);
  predictor_.flush_backwards();
  EXPECT_EQ(exchange.answers, 0);
  predictor_.flush_backwards();
  ASSERT_EQ(exchange.status, 200);
  EXPECT_LT(exchange.answer.find("\"tulip\":70.0}"), exchange.answer.find("\"tulip\":300.0}"));
}

TEST_F(Predict, strings_are_cut_into_parts_where_rows_end) {
  serve_words(2);
  EXPECT_EQ(post("words", R"({"rows":[["Rome"],[""],["Oslo"]]})").answer,
            R"({"model":"words","version":1,"predictions":[{"values":["Rome","0"]},{"values":["","1"]},)"
            R"({"values":["Oslo","0"]}]})");
}

TEST_F(Predict, a_model_that_takes_one_row_at_a_time_is_asked_for_each) {
  serve_one_at_a_time();
  EXPECT_EQ(post("single", R"({"rows":[[1,2],[3,4],[5,6]]})").answer,
            R"({"model":"single","version":1,"predictions":[{"value":3.0},{"value":7.0},{"value":11.0}]})");
}

TEST_F(Predict, the_first_part_that_fails_fails_the_request_and_withdraws_the_others) {
  serve_words(1, "fail");
  predictor_.hold();
  const auto& exchange = post("words", R"({"rows":[["a"],["fail"],["b"],["c"],["d"]]})");
  predictor_.flush();
  EXPECT_EQ(exchange.status, 400);
  EXPECT_EQ(exchange.answers, 1);
  EXPECT_EQ(predictor_.waiting(), 0U);
}

TEST_F(Predict, an_optional_input_that_stays_out_takes_no_memory) {
  model::Manifest wide;
  wide.name = "wide";
  wide.signature.inputs = {spec("x", DataType::FP32, {-1, 1}), spec("mask", DataType::FP32, {-1, 1000})};
  wide.signature.inputs[1].optional = true;
  wide.signature.outputs = {spec("y", DataType::FP32, {-1, 1})};
  predictor_.serve(wide, 1, [](std::span<const tensor::TensorView> inputs) -> Tensors {
    EXPECT_EQ(inputs.size(), 1U);
    return std::vector{
        tensor::Tensor{"y", DataType::FP32, inputs[0].shape, {inputs[0].data.begin(), inputs[0].data.end()}}};
  });
  std::string rows = "{\"rows\":[{\"x\":0}";
  for (int i = 1; i < 10'000; ++i) rows += ",{\"x\":1}";
  const auto& exchange = post("wide", rows + "]}");
  EXPECT_EQ(exchange.status, 200) << exchange.answer;
  EXPECT_LT(exchange.held, 2U << 20);  // the mask would be 40 MB
}

TEST_F(Predict, what_a_request_keeps_until_its_answer_counts_as_memory) {
  room_ = 1 << 20;
  EXPECT_EQ(post("flower", rows_json(1000)).status, 200);
  EXPECT_EQ(post("flower", rows_json(30'000)).status, 503);   // its predictions are larger
  EXPECT_EQ(post("flower", rows_json(200'000)).status, 503);  // its inputs are
}

TEST_F(Predict, a_full_lane_is_waited_for_while_other_parts_are_on_their_way) {
  predictor_.hold();
  predictor_.takes = 2;
  const auto& exchange = post("flower", rows_json(64 * 5));
  EXPECT_EQ(predictor_.waiting(), 2U);
  for (int i = 0; i < 3; ++i) predictor_.flush();
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(occurrences(exchange.answer, "\"label\""), 320U);
}

TEST_F(Predict, a_full_lane_refuses_a_request_that_has_nothing_on_its_way) {
  predictor_.hold();
  predictor_.takes = 0;
  EXPECT_EQ(post("flower", rows_json(100)).status, 429);
}

TEST_F(Predict, a_request_is_read_for_the_version_it_is_assigned_to) {
  serve_flower_without_width(2);
  predictor_.assigns = 1;
  EXPECT_EQ(post("flower", R"({"features":{"petal width":0.25,"petal length":1}})").status, 200);
  predictor_.assigns = 2;
  EXPECT_EQ(post("flower", R"({"features":{"petal length":1}})").answer,
            R"({"model":"flower","version":2,"predictions":[{"value":1.0}]})");
}

TEST_F(Predict, a_peer_that_leaves_withdraws_all_parts_of_its_request) {
  predictor_.hold();
  auto& exchange = post("flower", rows_json(1000));
  exchange.leave();
  EXPECT_EQ(predictor_.cancelled, 4);
  EXPECT_EQ(predictor_.waiting(), 0U);
  EXPECT_EQ(exchange.answers, 0);
}

TEST_F(Predict, a_peer_that_leaves_withdraws_its_request) {
  predictor_.hold();
  auto& exchange = post("flower", R"({"row":[1,0]})");
  exchange.leave();
  EXPECT_EQ(predictor_.cancelled, 1);
  EXPECT_EQ(exchange.answers, 0);
}

}  // namespace
}  // namespace slipway::api_predict
