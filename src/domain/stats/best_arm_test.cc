#include "domain/stats/best_arm.h"

#include <gtest/gtest.h>

#include <numeric>

namespace slipway::stats {
namespace {

TEST(BestArm, of_two_rates_agrees_with_the_closed_form) {
  // P(Beta(a2, b2) > Beta(a1, b1)) of Beta(1, 1) and Beta(2, 1): the integral of x^2's density, 2/3.
  const auto chance = chances_of_best_rate(std::vector<ArmSample>{{0, 0, 0}, {1, 1, 0}});
  EXPECT_NEAR(chance[1], 2.0 / 3, 1e-4);
  EXPECT_NEAR(chance[0] + chance[1], 1, 1e-12);
}

TEST(BestArm, equal_arms_are_equally_likely) {
  const auto rates = chances_of_best_rate(std::vector<ArmSample>(4, {200, 0.1, 0.09}));
  const auto means = chances_of_best_mean(std::vector<ArmSample>(4, {200, 7, 2}));
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(rates[i], 0.25, 1e-12);
    EXPECT_NEAR(means[i], 0.25, 1e-12);
  }
}

TEST(BestArm, much_better_arms_are_nearly_certain_also_without_variance) {
  EXPECT_GT(chances_of_best_rate(std::vector<ArmSample>{{1000, 0.1, 0}, {1000, 0.2, 0}})[1], 0.999);
  EXPECT_GT(chances_of_best_mean(std::vector<ArmSample>{{50, 1, 0}, {50, 2, 0}})[1], 0.999);
  EXPECT_GT(chances_of_best_mean(std::vector<ArmSample>{{500, 1, 1}, {500, 1.5, 1}})[1], 0.999);
}

TEST(BestArm, of_two_means_agrees_with_the_normal_limit) {
  // Means 0 and 0.1 with standard error 0.1 each: Phi(0.1 / (0.1 sqrt 2)) = 0.76025.
  const auto chance = chances_of_best_mean(std::vector<ArmSample>{{1e6, 0, 1e4}, {1e6, 0.1, 1e4}});
  EXPECT_NEAR(chance[1], 0.76025, 2e-3);
}

}  // namespace
}  // namespace slipway::stats
