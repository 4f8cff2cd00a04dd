#include "domain/tensor/reduction.h"

#include <gtest/gtest.h>

#include <vector>

namespace slipway::tensor {
namespace {

template <class Number>
Tensor tensor_of(DataType type, Shape shape, const std::vector<Number>& numbers) {
  const auto* bytes = reinterpret_cast<const std::byte*>(numbers.data());
  return {"y", type, shape, {bytes, bytes + numbers.size() * sizeof(Number)}};
}

std::vector<float> values(const Tensor& tensor, std::uint64_t rows) {
  const TensorView view = tensor.view();
  const Reduced reduced = reduce(std::span(&view, 1), rows);
  return {reduced.values.begin(), reduced.values.begin() + reduced.count};
}

TEST(Reduction, of_one_number_per_row_is_their_mean) {
  EXPECT_EQ(values(tensor_of<float>(DataType::FP32, {2, 1}, {1, 4}), 2), (std::vector<float>{2.5F}));
  EXPECT_EQ(values(tensor_of<std::int64_t>(DataType::Int64, {1}, {-3}), 1), (std::vector<float>{-3}));
  EXPECT_EQ(values(tensor_of<double>(DataType::FP64, {1}, {0.5}), 1), (std::vector<float>{0.5F}));
}

TEST(Reduction, of_scores_is_the_first_rows_class_and_its_score) {
  EXPECT_EQ(values(tensor_of<float>(DataType::FP32, {2, 3}, {0.25F, 0.5F, 0.25F, 1, 0, 0}), 2),
            (std::vector<float>{1, 0.5F}));
}

TEST(Reduction, stops_when_there_is_no_more_room) {
  const Tensor scores = tensor_of<float>(DataType::FP32, {1, 2}, {0.25F, 0.75F});
  const std::vector<TensorView> views(5, scores.view());
  EXPECT_EQ(reduce(views, 1).count, kMostReduced);
}

TEST(Reduction, of_texts_and_of_nothing_are_no_numbers) {
  std::vector<std::byte> text;
  append_bytes_element(text, "setosa");
  EXPECT_TRUE(values({"y", DataType::Bytes, {1}, text}, 1).empty());
  EXPECT_TRUE(values({"y", DataType::FP32, {0, 3}, {}}, 0).empty());
  EXPECT_EQ(reduce({}, 1).digest, 0U);
}

TEST(Reduction, has_a_digest_that_tells_answers_apart) {
  const auto digest = [](std::vector<float> numbers) {
    const Tensor tensor = tensor_of<float>(DataType::FP32, {static_cast<std::int64_t>(numbers.size())}, numbers);
    const TensorView view = tensor.view();
    return reduce(std::span(&view, 1), numbers.size()).digest;
  };
  EXPECT_EQ(digest({1, 2}), digest({1, 2}));
  EXPECT_NE(digest({1, 2}), digest({1, 3}));
  EXPECT_NE(digest(std::vector<float>(2000, 1)), digest(std::vector<float>(2001, 1)));
}

}  // namespace
}  // namespace slipway::tensor
