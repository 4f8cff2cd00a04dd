#include "service/validation/comparison.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace slipway::validation {
namespace {

using tensor::DataType;
using tensor::Tensor;
using testing::HasSubstr;

template <class T>
Tensor made(DataType type, const std::vector<T>& values) {
  Tensor tensor{
      "y", type, {static_cast<std::int64_t>(values.size())}, std::vector<std::byte>(values.size() * sizeof(T))};
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}
std::string difference(const Tensor& expected, const Tensor& found, Tolerance tolerance = {0, 0}) {
  const auto same = compare(expected.view(), found.view(), tolerance);
  return same.ok() ? "" : same.error().message;
}
Tensor floats(const std::vector<float>& values) {
  return made(DataType::FP32, values);
}

TEST(Comparison, the_first_element_beyond_the_tolerance_is_named_with_both_values) {
  EXPECT_EQ(difference(floats({1, 2, 3}), floats({1, 2.5, 9})), "output \"y\", element 1: expected 2, found 2.5");
  EXPECT_EQ(difference(floats({100}), floats({101}), {0.5, 0.005}), "");
  EXPECT_NE(difference(floats({100}), floats({101.1F}), {0.5, 0.005}), "");
}

TEST(Comparison, nan_equals_nan_and_an_infinity_only_itself) {
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(difference(floats({nan, infinity, -infinity}), floats({nan, infinity, -infinity})), "");
  EXPECT_NE(difference(floats({nan}), floats({0}), {1e9, 1e9}), "");
  EXPECT_NE(difference(floats({infinity}), floats({-infinity}), {1e9, 1e9}), "");
  EXPECT_NE(difference(floats({infinity}), floats({1}), {1e9, 1e9}), "");
}

TEST(Comparison, integers_are_equal_or_not_whatever_the_tolerance) {
  const auto one = made<std::int64_t>(DataType::Int64, {1, -7}), other = made<std::int64_t>(DataType::Int64, {1, -8});
  EXPECT_EQ(difference(one, one, {10, 10}), "");
  EXPECT_THAT(difference(one, other, {10, 10}), HasSubstr("element 1: expected -7, found -8"));
}

TEST(Comparison, texts_are_compared_element_by_element) {
  const auto texts = [](const std::vector<std::string>& values) {
    Tensor tensor{"y", DataType::Bytes, {static_cast<std::int64_t>(values.size())}, {}};
    for (const std::string& value : values) tensor::append_bytes_element(tensor.data, value);
    return tensor;
  };
  EXPECT_EQ(difference(texts({"a", ""}), texts({"a", ""})), "");
  EXPECT_THAT(difference(texts({"a", "b"}), texts({"a", "bc"})), HasSubstr("element 1: expected \"b\", found \"bc\""));
}

TEST(Comparison, type_and_shape_come_first) {
  EXPECT_THAT(difference(floats({1}), made<double>(DataType::FP64, {1})), HasSubstr("expected FP32, found FP64"));
  EXPECT_THAT(difference(floats({1}), floats({1, 1})), HasSubstr("expected shape [1], found [2]"));
}

}  // namespace
}  // namespace slipway::validation
