#include "domain/stats/interval.h"

#include <gtest/gtest.h>

#include <limits>

namespace slipway::stats {
namespace {

TEST(Interval, lies_above_or_below_a_margin_only_without_touching_it) {
  EXPECT_EQ(position({0.1, 0.2}, 0.05), Position::Above);
  EXPECT_EQ(position({0.1, 0.2}, 0.1), Position::Between);
  EXPECT_EQ(position({0.1, 0.2}, 0.2), Position::Between);
  EXPECT_EQ(position({0.1, 0.2}, 0.3), Position::Below);
}

TEST(Interval, an_unbounded_one_is_between) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(position({-kInfinity, kInfinity}, 0), Position::Between);
  EXPECT_EQ(position({0.5, kInfinity}, 0), Position::Above);
}

TEST(Interval, a_loss_within_the_margin_is_not_inferior) {
  EXPECT_EQ(inferiority({-0.009, 0.02}, 0.01), Inferiority::NotInferior);
  EXPECT_EQ(inferiority({-0.01, 0.02}, 0.01), Inferiority::Undecided);
  EXPECT_EQ(inferiority({-0.05, -0.02}, 0.01), Inferiority::Inferior);
  EXPECT_EQ(inferiority({-0.05, 0.02}, 0.01), Inferiority::Undecided);
}

TEST(Interval, a_confidence_lies_inside_zero_and_one) {
  EXPECT_TRUE(check_confidence(0.95).ok());
  for (const double wrong : {0.0, 1.0, -1.0, 95.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(check_confidence(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace slipway::stats
