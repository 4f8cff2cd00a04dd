// LinearReward: what it learns, and that it says how little it knows.
#include "domain/stats/linear_reward.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "domain/stats/random.h"

namespace slipway::stats {
namespace {

using Features = std::array<double, 3>;

TEST(LinearReward, knows_nothing_before_the_first_reward) {
  const LinearReward reward(3);
  EXPECT_EQ(reward.score(Features{1, 0, 0}).mean, 0);
  EXPECT_EQ(reward.score(Features{1, 0, 0}).width, 1);
  EXPECT_NEAR(reward.score(Features{3, 4, 0}).width, 5, 1e-12);
}

TEST(LinearReward, of_one_feature_is_a_mean_drawn_to_zero) {
  LinearReward reward;
  for (const double each : {1.0, 0.0, 1.0}) reward.observe(std::array{1.0}, each);
  EXPECT_NEAR(reward.score(std::array{1.0}).mean, 2.0 / 4, 1e-12);
  EXPECT_NEAR(reward.score(std::array{1.0}).width, std::sqrt(1.0 / 4), 1e-12);
}

TEST(LinearReward, learns_a_linear_world_and_is_surer_where_it_has_been) {
  Xoshiro256 random(50);
  LinearReward reward(3);
  for (int i = 0; i < 20'000; ++i) {
    const Features x{1, random.unit(), 0.01 * random.unit()};
    reward.observe(x, random.unit() < 0.2 + 0.5 * x[1] ? 1 : 0);
  }
  EXPECT_NEAR(reward.score(Features{1, 0.5, 0}).mean, 0.45, 0.02);
  EXPECT_LT(reward.score(Features{1, 0.5, 0}).width, 0.02);
  EXPECT_GT(reward.score(Features{1, 0.5, 1}).width, 0.5);
}

}  // namespace
}  // namespace slipway::stats
