// OffPolicyValue: what another policy would have earned, from what a bandit did.
#include "domain/stats/off_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "domain/stats/random.h"

namespace slipway::stats {
namespace {

constexpr int kRuns = 400, kMostFalse = 29;  // the 97.5 % quantile of 20 in 400
constexpr double kFloor = 0.05;

// A bandit that follows what it has seen so far, between its floors.
struct Course {
  std::array<double, 2> sums{}, counts{};
  double share = 0.5;  // of arm 1

  void earned(std::size_t arm, double reward) {
    sums.at(arm) += reward;
    counts.at(arm) += 1;
    const double ahead = sums[1] / std::max(1.0, counts[1]) - sums[0] / std::max(1.0, counts[0]);
    share = std::clamp(share + 0.02 * ahead, kFloor, 1 - kFloor);
  }
};

struct Count {
  int missed = 0, naive = 0;
  double estimate = 0, robust = 0, width = 0;
};

// Both arms earn alike; the value of always taking arm 1 is asked for.
Count played(double quality) {
  Xoshiro256 random(48);
  Count count;
  for (int run = 0; run < kRuns; ++run) {
    Course course;
    OffPolicyValue value = OffPolicyValue::create(1 / kFloor, 0.05).value();
    bool is_missed = false, is_naive = false;
    for (int i = 0; i < 2'000; ++i) {
      const double share = course.share;
      const std::size_t arm = random.unit() < share ? 1 : 0;
      const double reward = random.unit() < quality ? 1 : 0;
      EXPECT_TRUE(value
                      .observe({.probability = arm == 1 ? share : 1 - share,
                                .target = arm == 1 ? 1.0 : 0.0,
                                .reward = reward,
                                .model = quality,
                                .model_of_action = quality})
                      .ok());
      course.earned(arm, reward);
      is_missed = is_missed || !value.interval().contains(quality);
      if (i < 30) continue;
      const double p1 = course.sums[1] / course.counts[1], p0 = course.sums[0] / course.counts[0];
      const double error = std::sqrt(quality * (1 - quality) * (1 / course.counts[1] + 1 / course.counts[0]));
      is_naive = is_naive || std::abs(p1 - p0) > 1.96 * error;
    }
    count.missed += is_missed ? 1 : 0;
    count.naive += is_naive ? 1 : 0;
    count.estimate += value.by_inverse_propensity() / kRuns;
    count.robust += value.doubly_robust() / kRuns;
    count.width += (value.interval().high - value.interval().low) / kRuns;
  }
  return count;
}

TEST(OffPolicyValue, holds_while_a_bandit_chooses_where_a_repeated_test_finds_winners) {
  const Count count = played(0.3);
  EXPECT_LE(count.missed, kMostFalse);
  EXPECT_GT(count.naive, 2 * kMostFalse) << "a control that passes shows nothing";
  EXPECT_NEAR(count.estimate, 0.3, 0.01);
  EXPECT_NEAR(count.robust, 0.3, 0.01);
  EXPECT_LT(count.width, 0.6);
}

TEST(OffPolicyValue, of_the_policy_that_was_followed_is_what_was_earned) {
  OffPolicyValue value = OffPolicyValue::create(20, 0.05).value();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(value.observe({.probability = 0.3, .target = 0.3, .reward = i % 4 == 0 ? 1.0 : 0.0}).ok());
  }
  EXPECT_DOUBLE_EQ(value.by_inverse_propensity(), 0.25);
  EXPECT_DOUBLE_EQ(value.self_normalised(), 0.25);
  EXPECT_DOUBLE_EQ(value.effective_sample_size(), 100);
  EXPECT_NEAR(value.standard_error(), std::sqrt(0.25 * 0.75 / 99), 1e-12);
}

TEST(OffPolicyValue, a_good_model_of_rewards_lowers_the_variance) {
  Xoshiro256 random(49);
  OffPolicyValue with = OffPolicyValue::create(20, 0.05).value(), without = OffPolicyValue::create(20, 0.05).value();
  for (int i = 0; i < 5'000; ++i) {
    const bool taken = random.unit() < 0.1;
    const double expected = 0.5 + 0.4 * std::sin(i * std::numbers::pi / 50);
    LoggedReward logged{
        .probability = taken ? 0.1 : 0.9, .target = taken ? 1.0 : 0.0, .reward = random.unit() < expected ? 1.0 : 0.0};
    ASSERT_TRUE(without.observe(logged).ok());
    logged.model = logged.model_of_action = expected;
    ASSERT_TRUE(with.observe(logged).ok());
  }
  EXPECT_NEAR(with.doubly_robust(), 0.5, 0.05);
  EXPECT_LT(with.standard_error(), 0.75 * without.standard_error());
}

TEST(OffPolicyValue, cuts_weights_and_refuses_what_cannot_be) {
  OffPolicyValue value = OffPolicyValue::create(10, 0.05).value();
  EXPECT_EQ(value.effective_sample_size(), 0);
  EXPECT_TRUE(value.observe({.probability = 0.01, .target = 1, .reward = 1}).ok());
  EXPECT_EQ(value.cut(), 1U);
  EXPECT_EQ(value.by_inverse_propensity(), 10);
  for (const LoggedReward& bad : {LoggedReward{.probability = 0}, LoggedReward{.target = 1.1},
                                  LoggedReward{.reward = std::nan("")}, LoggedReward{.model = -1}}) {
    EXPECT_FALSE(value.observe(bad).ok());
  }
  EXPECT_EQ(value.count(), 1U);
  EXPECT_FALSE(OffPolicyValue::create(0.5, 0.05).ok());
  EXPECT_FALSE(OffPolicyValue::create(10, 1).ok());
}

}  // namespace
}  // namespace slipway::stats
