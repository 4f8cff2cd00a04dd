#include "domain/rollout/bandit.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>

#include "domain/stats/difference_process.h"
#include "domain/stats/random.h"

namespace slipway::rollout {
namespace {

std::vector<std::uint32_t> moved(const Bandit& bandit, const std::vector<Arm>& arms,
                                 const std::vector<model::BasisPoints>& present) {
  std::vector<std::uint32_t> weights;
  for (const model::BasisPoints weight : next_weights(bandit, arms, present, WallTime{}))
    weights.push_back(weight.count);
  return weights;
}

using Weights = std::vector<std::uint32_t>;

TEST(BanditWeights, move_to_the_better_arm_under_every_policy) {
  for (const Policy policy :
       {Policy::ThompsonBernoulli, Policy::ThompsonGaussian, Policy::Ucb1, Policy::EpsilonGreedy}) {
    const std::vector<Arm> arms{{1'000, 0.1, 0.09}, {1'000, 0.4, 0.24}};
    EXPECT_EQ(moved({.policy = policy}, arms, {{5'000}, {5'000}}), (Weights{4'000, 6'000}));
  }
}

TEST(BanditWeights, stay_while_rewards_of_an_arm_are_few) {
  EXPECT_EQ(moved({}, {{1'000, 0.1, 0.09}, {49, 0.9, 0.09}}, {{5'000}, {5'000}}), (Weights{5'000, 5'000}));
}

TEST(BanditWeights, of_a_frozen_arm_go_to_control_at_once) {
  EXPECT_EQ(moved({}, {{}, {.is_frozen = true}, {}}, {{2'000}, {5'000}, {3'000}}), (Weights{7'000, 0, 3'000}));
}

TEST(BanditWeights, explore_by_epsilon) {
  const Bandit bandit{.policy = Policy::EpsilonGreedy, .epsilon = 0.2, .largest_move = {10'000}};
  EXPECT_EQ(moved(bandit, {{100, 0.1, 0.1}, {100, 0.2, 0.1}}, {{5'000}, {5'000}}), (Weights{1'000, 9'000}));
}

TEST(BanditWeights, always_sum_to_the_whole_within_floor_and_step) {
  stats::Xoshiro256 random(20'261'122);
  for (int round = 0; round < 24; ++round) {
    const std::size_t count = 2 + random.below(6);
    const Bandit bandit{.policy = static_cast<Policy>(random.below(5)),
                        .largest_move = {static_cast<std::uint32_t>(1 + random.below(3'000))}};
    std::vector<Arm> arms(count);
    std::vector<model::BasisPoints> present(count, {static_cast<std::uint32_t>(10'000 / count)});
    present[0].count += static_cast<std::uint32_t>(10'000 % count);
    for (int update = 0; update < 8; ++update) {
      for (Arm& arm : arms) arm = {100 + 900 * random.unit(), random.unit(), random.unit()};
      const auto next = next_weights(bandit, arms, present, WallTime{});
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < count; ++i) {
        sum += next[i].count;
        const auto change = std::abs(std::int64_t{next[i].count} - std::int64_t{present[i].count});
        EXPECT_LE(change, bandit.largest_move.count) << "round " << round;
        EXPECT_GE(next[i].count, floor_of(bandit, count).count);
      }
      EXPECT_EQ(sum, 10'000) << "round " << round;
      present = next;
    }
  }
}

// Two arms under LinUCB for ten days, an update every half an hour: what they earn at each hour, and what came of it.
struct Season {
  double level = 0.4, swing = 0;  // arm 1 is better by twice the swing at six in the morning, and worse at six at night
  double tide = 0;                // of both
  double earned = 0, harm = 0;    // the mean reward; the largest ln E of "arm 1 earns less"
  double naive = 0;               // the largest |Z| of a test that is repeated with every update
};
Season lived(Season season, std::uint64_t seed) {
  stats::Xoshiro256 random(seed);
  constexpr int kUpdates = 480, kRequests = 60;
  std::vector<Arm> arms(2);
  std::vector<model::BasisPoints> present{{5'000}, {5'000}};
  stats::DifferenceProcess harm(stats::Contrast{.side = stats::Side::Below});
  std::array<double, 2> sums{}, counts{};
  for (int update = 0; update < kUpdates; ++update) {
    const WallTime now{std::chrono::minutes(30) * update};
    const double wave = std::sin(2 * std::numbers::pi * update / 48);
    const double share = present[1].count / 10'000.0;
    for (int request = 0; request < kRequests; ++request) {
      const std::size_t arm = random.unit() < share ? 1 : 0;
      const double rate = season.level + season.tide * wave + (arm == 1 ? season.swing : -season.swing) * wave;
      const double reward = random.unit() < rate ? 1 : 0;
      arms[arm].by_time.observe(context_of(now), reward);
      arms[arm].rewards += 1;
      harm.unit(arm == 1 ? stats::Arm::Candidate : stats::Arm::Control, share, reward);
      sums.at(arm) += reward, counts.at(arm) += 1;
      season.earned += reward / (kUpdates * kRequests);
      season.harm = std::max(season.harm, harm.log_evidence());
    }
    const double spread = season.level * (1 - season.level) * (1 / counts[0] + 1 / counts[1]);
    season.naive = std::max(season.naive, std::abs(sums[1] / counts[1] - sums[0] / counts[0]) / std::sqrt(spread));
    present = next_weights({.policy = Policy::LinUcb}, arms, present, now);
  }
  return season;
}

TEST(LinUcb, follows_the_time_of_day_where_no_fixed_split_earns_more_than_half) {
  const double best = 0.4 + 0.3 * 2 / std::numbers::pi;  // the better arm at each hour; any fixed split earns 0.4
  EXPECT_GT(lived({.swing = 0.3}, 1).earned, 0.4 + 0.6 * (best - 0.4));
}

TEST(LinUcb, leaves_evidence_that_errs_in_one_of_twenty_where_a_repeated_test_does_not) {
  int found = 0, naive = 0;
  for (std::uint64_t run = 0; run < 200; ++run) {
    const Season season = lived({.tide = 0.3}, 100 + run);
    found += season.harm >= std::log(20) ? 1 : 0;
    naive += season.naive > 1.96 ? 1 : 0;
  }
  EXPECT_LE(found, 16);  // the 97.5 % quantile of 10 in 200
  EXPECT_GT(naive, 48) << "a control that passes shows nothing";
}

TEST(LinUcb, knows_the_hour_and_the_day) {
  using namespace std::chrono_literals;
  const auto noon = context_of(WallTime{12h}), next_noon = context_of(WallTime{36h}), week = context_of(WallTime{180h});
  EXPECT_NEAR(noon[2], -1, 1e-12);
  EXPECT_NEAR(noon[2], next_noon[2], 1e-12);
  EXPECT_GT(std::abs(noon[3] - next_noon[3]), 0.1);
  for (std::size_t i = 0; i < kContextFeatures; ++i) EXPECT_NEAR(noon.at(i), week.at(i), 1e-12);
}

}  // namespace
}  // namespace slipway::rollout
