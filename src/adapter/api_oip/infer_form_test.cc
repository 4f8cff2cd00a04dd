#include "adapter/api_oip/infer_form.h"

#include <gtest/gtest.h>

#include "adapter/api_oip/infer_request.h"

namespace slipway::api_oip {
namespace {

constexpr std::string_view kFirst = R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [1,2,3] }]})";

// What a request reads after `before` was read by the same one, and what a fresh one reads: must be the same.
std::string read(InferRequest& request, std::string_view body, codec::Arena& arena) {
  if (const auto read_body = request.read(as_bytes(body), {}, arena); !read_body) return read_body.error().message;
  std::string out = request.id() ? "id " : "";
  for (const tensor::TensorView& view : request.inputs()) {
    out += std::string(view.name) + std::string(name_of(view.datatype)) + view.shape.to_string();
    out += as_text(view.data);
  }
  return out + std::to_string(request.outputs().size()) + std::to_string(request.priority());
}

class Form : public testing::Test {
 protected:
  void expect_the_same(std::string_view before, std::string_view body) {
    InferRequest fresh, used;
    read(used, before, arena_);
    EXPECT_EQ(read(used, body, arena_), read(fresh, body, arena_)) << body;
    EXPECT_EQ(read(used, before, arena_), read(fresh, before, arena_)) << before;
  }
  codec::Arena arena_;
};

TEST_F(Form, a_text_means_the_same_whatever_was_read_before) {
  for (const std::string_view body : {
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [-4,5.5,NaN] }]})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [[4,5,6]]   }]})",
           R"({"inputs": [{"name":"y", "shape":[1,3], "datatype":"FP32", "data": [4,5,6] }]})",
           R"({"inputs": [{"name":"x", "shape":[3,1], "datatype":"FP32", "data": [4,5,6] }]})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP64", "data": [4,5,6] }]})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [4,5] }]})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [4,5,6,7] }]})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [4,5,"6"] }]})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [4,5,6], "data": [1,2,3] }]})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [4,5,6] }], "id":"1"})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [4,5,6] }]} )",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": }]})",
           R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [1,2,3)",
       }) {
    expect_the_same(kFirst, body);
  }
}

TEST_F(Form, what_a_request_says_besides_its_input_is_read_each_time) {
  expect_the_same(R"({"id":"a","inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1]}]})",
                  R"({"id":"a","inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[2]}]})");
  expect_the_same(R"({"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1]}],"outputs":[{"name":"y"}]})",
                  R"({"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[2]}],"outputs":[{"name":"y"}]})");
  expect_the_same(R"({"parameters":{"priority":2},"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1]}]})",
                  R"({"parameters":{"priority":2},"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[2]}]})");
}

TEST_F(Form, data_may_stand_before_their_shape_and_hold_text) {
  expect_the_same(R"({"inputs":[{"data":["a","b"],"name":"x","shape":[2],"datatype":"BYTES"}]})",
                  R"({"inputs":[{"data":["\u0041","b]"],"name":"x","shape":[2],"datatype":"BYTES"}]})");
  expect_the_same(R"({"inputs":[{"name":"\u0078","data":[1],"shape":[1],"datatype":"FP32"}]})",
                  R"({"inputs":[{"name":"\u0078","data":[7],"shape":[1],"datatype":"FP32"}]})");
}

TEST_F(Form, names_lie_in_the_text_that_was_read) {
  InferForm form;
  const std::string body(kFirst);
  const std::size_t begin = body.find("[1,2"), end = body.find("}]}");
  form.remember(body, begin, end,
                {std::string_view(body).substr(body.find("x\""), 1), tensor::DataType::FP32, {1, 3}, {}});
  const std::string next = R"({"inputs": [{"name":"x", "shape":[1,3], "datatype":"FP32", "data": [7, 8, 9]}]})";
  const auto input = form.read(next, arena_);
  ASSERT_TRUE(input);
  EXPECT_EQ(input->name.data(), next.data() + next.find("x\""));
  EXPECT_EQ(input->name, "x");
}

}  // namespace
}  // namespace slipway::api_oip
