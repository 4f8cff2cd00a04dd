#include "domain/tensor/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace slipway::tensor {
namespace {

using ::testing::HasSubstr;

Tensor numbers(Shape shape, std::size_t bytes) {
  Tensor tensor{"x", DataType::FP32, shape, std::vector<std::byte>(bytes)};
  for (std::size_t i = 0; i < bytes; ++i) tensor.data[i] = static_cast<std::byte>(i);
  return tensor;
}
Tensor texts(Shape shape, const std::vector<std::string>& elements) {
  Tensor tensor{"s", DataType::Bytes, shape, {}};
  for (const std::string& element : elements) append_bytes_element(tensor.data, element);
  return tensor;
}
std::string refusal(const Tensor& tensor) {
  const auto checked = check_data_length(tensor.view());
  return checked.ok() ? "ok" : checked.error().message;
}

TEST(DataLength, must_be_what_shape_and_datatype_ask_for) {
  EXPECT_EQ(refusal(numbers({2, 3}, 24)), "ok");
  EXPECT_EQ(refusal(numbers({0, 3}, 0)), "ok");
  EXPECT_EQ(refusal(numbers({}, 4)), "ok");
  EXPECT_EQ(refusal(numbers({2, 3}, 23)), "tensor \"x\": expected 24 bytes of data for shape [2,3] of FP32, found 23");
  EXPECT_THAT(refusal(numbers({2, 3}, 28)), HasSubstr("found 28"));
}

TEST(DataLength, of_a_shape_that_cannot_be_is_refused) {
  EXPECT_THAT(refusal(numbers({-1, 3}, 12)), HasSubstr("negative or too large"));
  EXPECT_THAT(refusal(numbers({INT64_MAX, 3}, 12)), HasSubstr("negative or too large"));
  EXPECT_THAT(refusal(numbers({INT64_MAX}, 12)), HasSubstr("more than 2^64"));
}

TEST(DataLength, of_texts_is_that_of_every_element) {
  EXPECT_EQ(refusal(texts({3}, {"", "ab", "\xFF"})), "ok");
  EXPECT_THAT(refusal(texts({3}, {"a", "b"})), HasSubstr("expected 3 BYTES elements, the data ends after 2"));
  EXPECT_THAT(refusal(texts({1}, {"a", "b"})), HasSubstr("5 bytes follow the last of 1 BYTES elements"));
}

TEST(DataLength, of_texts_refuses_lengths_past_the_end) {
  Tensor lying = texts({2}, {"a", "bc"});
  lying.data[5] = std::byte{0xFF};
  EXPECT_THAT(refusal(lying), HasSubstr("BYTES element 1 says 255 bytes, only 2 are left"));
  lying.data[5] = lying.data[6] = lying.data[7] = lying.data[8] = std::byte{0xFF};
  EXPECT_THAT(refusal(lying), HasSubstr("says 4294967295 bytes"));
  lying.data.resize(8);
  EXPECT_THAT(refusal(lying), HasSubstr("the data ends after 1"));
}

TEST(DataLength, of_very_many_texts_ends_with_the_data_not_with_the_count) {
  EXPECT_THAT(refusal(texts({1LL << 60}, {"a"})), HasSubstr("the data ends after 1"));
}

TEST(Rows, of_numbers_are_cut_by_their_size) {
  const Tensor tensor = numbers({4, 2}, 32);
  const ByteSpan rows = rows_of(tensor.view(), 1, 2);
  ASSERT_EQ(rows.size(), 16U);
  EXPECT_EQ(rows[0], std::byte{8});
  EXPECT_TRUE(rows_of(tensor.view(), 4, 0).empty());
}

TEST(Rows, of_texts_are_cut_by_walking_them) {
  const Tensor tensor = texts({3, 2}, {"a", "", "ccc", "d", "ee", "f"});
  ByteSpan row = rows_of(tensor.view(), 1, 1);
  const BytesElement first = next_bytes_element(row);
  EXPECT_EQ(first.text, "ccc");
  const BytesElement second = next_bytes_element(first.rest);
  EXPECT_EQ(second.text, "d");
  EXPECT_TRUE(second.rest.empty());
}

TEST(Rows, of_an_empty_tensor_are_empty) {
  const Tensor tensor = numbers({0, 2}, 0);
  EXPECT_TRUE(rows_of(tensor.view(), 0, 0).empty());
}

}  // namespace
}  // namespace slipway::tensor
