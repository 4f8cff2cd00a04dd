#include "adapter/codec/classification.h"

#include <gtest/gtest.h>

#include <array>

namespace slipway::codec {
namespace {

std::vector<std::string> classified(std::span<const float> values, const Classes& classes) {
  const tensor::TensorView output{
      "y", tensor::DataType::FP32, {static_cast<std::int64_t>(values.size())}, std::as_bytes(values)};
  Arena arena;
  const auto found = classify(output, classes, arena);
  std::vector<std::string> texts;
  if (!found) return {found.error().message};
  for (ByteSpan data = found->data; !data.empty();) {
    const auto element = tensor::next_bytes_element(data);
    texts.emplace_back(element.text);
    data = element.rest;
  }
  return texts;
}

TEST(Classification, names_the_best_by_value_index_and_label) {
  const std::array values = {0.25F, 0.75F};
  const std::vector<std::string> labels = {"cat", "dog"};
  EXPECT_EQ(classified(values, {.count = 5, .rows = false, .labels = labels}),
            (std::vector<std::string>{"0.75:1:dog", "0.25:0:cat"}));
}

TEST(Classification, leaves_a_missing_and_an_empty_label_out) {
  const std::array values = {0.5F, 0.25F, 0.125F};
  const std::vector<std::string> labels = {"cat", ""};
  EXPECT_EQ(classified(values, {.count = 3, .rows = false, .labels = labels}),
            (std::vector<std::string>{"0.5:0:cat", "0.25:1", "0.125:2"}));
}

}  // namespace
}  // namespace slipway::codec
