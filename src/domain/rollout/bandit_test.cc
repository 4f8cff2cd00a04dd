#include "domain/rollout/bandit.h"

#include <gtest/gtest.h>

#include "domain/stats/random.h"

namespace slipway::rollout {
namespace {

std::vector<std::uint32_t> moved(const Bandit& bandit, const std::vector<Arm>& arms,
                                 const std::vector<model::BasisPoints>& present) {
  std::vector<std::uint32_t> weights;
  for (const model::BasisPoints weight : next_weights(bandit, arms, present)) weights.push_back(weight.count);
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
    const Bandit bandit{.policy = static_cast<Policy>(random.below(4)),
                        .largest_move = {static_cast<std::uint32_t>(1 + random.below(3'000))}};
    std::vector<Arm> arms(count);
    std::vector<model::BasisPoints> present(count, {static_cast<std::uint32_t>(10'000 / count)});
    present[0].count += static_cast<std::uint32_t>(10'000 % count);
    for (int update = 0; update < 8; ++update) {
      for (Arm& arm : arms) arm = {100 + 900 * random.unit(), random.unit(), random.unit()};
      const auto next = next_weights(bandit, arms, present);
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

}  // namespace
}  // namespace slipway::rollout
