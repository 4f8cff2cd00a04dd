#include "domain/tensor/shape.h"

#include <gtest/gtest.h>

#include <vector>

namespace slipway::tensor {
namespace {

TEST(Shape, counts_its_elements) {
  EXPECT_EQ(Shape({}).element_count(), 1U);
  EXPECT_EQ(Shape({7}).element_count(), 7U);
  EXPECT_EQ(Shape({2, 3, 4}).element_count(), 24U);
  EXPECT_EQ(Shape({2, 0, 4}).element_count(), 0U);
}

TEST(Shape, has_no_count_when_it_is_free_negative_or_overflows) {
  EXPECT_EQ(Shape({-1, 3}).element_count(), std::nullopt);
  EXPECT_EQ(Shape({-2}).element_count(), std::nullopt);
  EXPECT_EQ(Shape({INT64_MAX, 2}).element_count(), std::nullopt);
  EXPECT_EQ(Shape({1LL << 32, 1LL << 32}).element_count(), std::nullopt);
  EXPECT_EQ(Shape({INT64_MAX}).element_count(), static_cast<std::uint64_t>(INT64_MAX));
}

TEST(Shape, holds_at_most_eight_dimensions) {
  const std::vector<std::int64_t> eight(8, 1);
  const std::vector<std::int64_t> nine(9, 1);
  EXPECT_EQ(Shape::from(eight)->rank(), 8U);
  const auto refused = Shape::from(nine);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "expected at most 8 dimensions, found 9");
  Shape full = *Shape::from(eight);
  EXPECT_FALSE(full.append(1));
  EXPECT_EQ(full.rank(), 8U);
}

TEST(Shape, compares_and_prints_by_its_dimensions_alone) {
  Shape shape{3, 4};
  EXPECT_EQ(shape, (Shape{3, 4}));
  EXPECT_FALSE(shape == (Shape{3, 4, 1}));
  shape.set(0, -1);
  EXPECT_EQ(shape.to_string(), "[-1,4]");
  EXPECT_TRUE(shape.has_free_dimension());
  EXPECT_EQ(Shape{}.to_string(), "[]");
}

}  // namespace
}  // namespace slipway::tensor
