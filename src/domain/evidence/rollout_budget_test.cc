// The error budget of many rollouts: what it leaves each, and what it promises over all.
#include "domain/evidence/rollout_budget.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "domain/stats/random.h"

namespace slipway::evidence {
namespace {

EvidencePlan plan_with(Budget budget) {
  EvidencePlan plan;
  plan.metrics = {{.name = "error_rate"}};
  plan.budget = budget;
  return plan;
}

TEST(RolloutBudget, of_each_rollout_is_alpha) {
  EXPECT_EQ(within_budget(plan_with(Budget::Rollout), {.count = 100, .rolled_back = 3}).alpha, 0.05);
}

TEST(RolloutBudget, of_a_model_is_spent_by_its_rollouts_and_earned_back_by_those_that_find_harm) {
  const auto alpha = [](std::uint64_t count, std::uint64_t rolled_back) {
    return within_budget(plan_with(Budget::Model), {count, rolled_back}).alpha;
  };
  const double first = 0.05 * 6 / (std::numbers::pi * std::numbers::pi);
  EXPECT_NEAR(alpha(0, 0), first, 1e-15);
  EXPECT_NEAR(alpha(3, 0), first / 16, 1e-15);
  EXPECT_NEAR(alpha(3, 2), first * 3 / 16, 1e-15);
  EXPECT_LE(alpha(1, 1'000), 0.05) << "no more rollbacks than rollouts";
  EXPECT_GT(alpha(1'000'000'000, 0), 0);
  double sum = 0;
  for (std::uint64_t t = 0; t < 10'000; ++t) sum += alpha(t, 0);
  EXPECT_LE(sum, 0.05) << "without any harm all of them together spend alpha";
}

// Rollouts of which some do harm, told by the likelihood ratio of a coin that is looked at after each of 200 tosses:
// the share of false ones among those that go back.
struct Course {
  double false_share = 0;  // mean over courses
  int found = 0;
};
Course played(Budget budget, double harmful) {
  stats::Xoshiro256 random(7);
  constexpr int kCourses = 300, kRollouts = 40;
  Course course;
  for (int i = 0; i < kCourses; ++i) {
    PastRollouts past;
    int falsely = 0;
    for (int k = 0; k < kRollouts; ++k) {
      const bool is_harmful = random.unit() < harmful;
      const double bar = -std::log(within_budget(plan_with(budget), past).alpha);
      double evidence = 0;
      bool goes_back = false;
      for (int toss = 0; toss < 200 && !goes_back; ++toss) {
        evidence += std::log(random.unit() < (is_harmful ? 0.75 : 0.5) ? 1.4 : 0.6);
        goes_back = evidence >= bar;
      }
      ++past.count;
      past.rolled_back += goes_back ? 1 : 0;
      falsely += goes_back && !is_harmful ? 1 : 0;
      course.found += goes_back && is_harmful ? 1 : 0;
    }
    if (past.rolled_back > 0) {
      course.false_share += static_cast<double>(falsely) / static_cast<double>(past.rolled_back) / kCourses;
    }
  }
  return course;
}

TEST(RolloutBudget, keeps_the_share_of_false_rollbacks_where_alpha_for_each_does_not) {
  const Course kept = played(Budget::Model, 0.02), each = played(Budget::Rollout, 0.02);
  EXPECT_LE(kept.false_share, 0.05 + 2.24 * std::sqrt(0.05 * 0.95 / 300));  // the 97.5 % bound, of shares in [0, 1]
  EXPECT_GT(each.false_share, 0.3) << "a control that passes shows nothing";
  EXPECT_GE(played(Budget::Model, 0.5).found, 300 * 20 * 9 / 10);
}

}  // namespace
}  // namespace slipway::evidence
