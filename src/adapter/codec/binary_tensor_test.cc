#include "adapter/codec/binary_tensor.h"

#include <gtest/gtest.h>

#include <array>

#include "adapter/codec/classification.h"

namespace slipway::codec {
namespace {

using tensor::DataType;

template <class Number, std::size_t N>
ByteSpan bytes_of(const std::array<Number, N>& numbers) {
  return std::as_bytes(std::span(numbers));
}

TEST(BinarySection, cuts_tensors_in_order_and_tells_what_is_short_or_left) {
  BinarySection section(as_bytes("aaaabb"));
  EXPECT_EQ(as_text(*section.take("first", 4)), "aaaa");
  EXPECT_EQ(section.finish().error().message,
            "expected the body to end after the last binary tensor, found 2 bytes more");
  EXPECT_EQ(section.take("second", 1'000'000'000'000).error().message,
            "tensor \"second\": expected 1000000000000 bytes as binary_data_size says, found only 2 left in the body");
  EXPECT_EQ(as_text(*section.take("second", 2)), "bb");
  EXPECT_TRUE(section.finish());
}

TEST(CheckBinary, takes_data_wherever_they_lie) {
  alignas(8) std::array<std::byte, 17> body{};
  EXPECT_TRUE(check_binary({"t", DataType::Int64, {2}, ByteSpan(body).subspan(1)}));
  EXPECT_TRUE(check_binary({"t", DataType::Int64, {2}, ByteSpan(body).first(16)}));
}

TEST(CheckBinary, refuses_lengths_and_values_that_do_not_fit) {
  EXPECT_FALSE(check_binary({"t", DataType::FP32, {2}, as_bytes("1234567")}));
  EXPECT_FALSE(check_binary({"t", DataType::Bytes, {1}, ByteSpan(as_bytes(std::string_view("\xFF\0\0\0x", 5)))}));
  EXPECT_EQ(check_binary({"t", DataType::Bool, {2}, as_bytes("\1\2")}).error().message,
            "tensor \"t\": expected 0 or 1 for BOOL element 1, found 2");
}

std::vector<std::string> classes_of(const tensor::TensorView& output, const Classes& classes) {
  Arena arena;
  const auto view = classify(output, classes, arena);
  if (!view) return {view.error().message};
  EXPECT_TRUE(check_data_length(*view));
  std::vector<std::string> texts{view->shape.to_string()};
  for (ByteSpan left = view->data; !left.empty();) {
    const auto element = tensor::next_bytes_element(left);
    texts.emplace_back(element.text);
    left = element.rest;
  }
  return texts;
}

TEST(Classify, names_the_best_classes_of_each_row) {
  const std::array<float, 6> values{0.25F, 0.5F, 0.125F, 3, 1, 2};
  const std::vector<std::string> labels{"cat", "dog"};
  const tensor::TensorView view{"p", DataType::FP32, {2, 3}, bytes_of(values)};
  EXPECT_EQ(classes_of(view, {.count = 2, .rows = true, .labels = labels}),
            (std::vector<std::string>{"[2,2]", "0.5:1:dog", "0.25:0:cat", "3.0:0:cat", "2.0:2"}));
  EXPECT_EQ(classes_of(view, {.count = 1, .rows = false, .labels = {}}), (std::vector<std::string>{"[1]", "3.0:3"}));
  EXPECT_EQ(classes_of(view, {.count = 99, .rows = true, .labels = {}}).front(), "[2,3]");
}

TEST(Classify, puts_equal_values_by_index_and_nan_last) {
  const std::array<float, 4> values{std::numeric_limits<float>::quiet_NaN(), 1, 1, 0};
  EXPECT_EQ(classes_of({"p", DataType::FP32, {1, 4}, bytes_of(values)}, {.count = 4, .rows = true, .labels = {}}),
            (std::vector<std::string>{"[1,4]", "1.0:1", "1.0:2", "0.0:3", "NaN:0"}));
}

TEST(Classify, takes_every_kind_of_number_and_nothing_else) {
  const std::array<std::int64_t, 2> values{-5, 9007199254740993};
  EXPECT_EQ(classes_of({"p", DataType::Int64, {1, 2}, bytes_of(values)}, {.count = 1, .rows = true, .labels = {}}),
            (std::vector<std::string>{"[1,1]", "9007199254740993:1"}));
  EXPECT_EQ(classes_of({"p", DataType::Bool, {2}, as_bytes("\0\1")}, {}),
            (std::vector<std::string>{"output \"p\": expected numbers to classify, found BOOL"}));
}

}  // namespace
}  // namespace slipway::codec
