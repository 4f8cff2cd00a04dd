#include "domain/stats/proportion.h"

#include <gtest/gtest.h>

#include <cmath>

namespace slipway::stats {
namespace {

TEST(Proportion, no_failure_in_n_trials_bounds_the_rate_as_the_rule_of_three_says) {
  EXPECT_NEAR(clopper_pearson({0, 300}, 0.90)->high, 3.0 / 300, 1e-4);
  EXPECT_EQ(trials_to_exclude(0.01, 0.95).value(), 299U);
  EXPECT_LE(clopper_pearson({0, 299}, 0.90)->high, 0.01);
  EXPECT_GT(clopper_pearson({0, 298}, 0.90)->high, 0.01);
}

TEST(Proportion, trials_to_exclude_refuses_what_no_number_of_trials_excludes) {
  for (const double most : {0.0, 1.0, -1.0, std::nan("")}) EXPECT_FALSE(trials_to_exclude(most, 0.95).ok()) << most;
}

TEST(Proportion, an_interval_contains_its_rate_and_stays_within_zero_and_one) {
  for (std::uint64_t n = 1; n < 60; ++n) {
    for (std::uint64_t k = 0; k <= n; ++k) {
      const Rate rate{k, n};
      for (const Interval& interval : {clopper_pearson(rate, 0.95).value(), wilson(rate, 0.95).value()}) {
        EXPECT_TRUE(interval.contains(rate.value())) << k << '/' << n;
        EXPECT_GE(interval.low, 0);
        EXPECT_LE(interval.high, 1);
      }
    }
  }
}

TEST(Proportion, differences_mirror_when_the_groups_are_swapped) {
  const Interval one = rate_difference({9, 30}, {20, 41}, 0.95).value();
  const Interval other = rate_difference({20, 41}, {9, 30}, 0.95).value();
  EXPECT_DOUBLE_EQ(one.low, -other.high);
  EXPECT_DOUBLE_EQ(one.high, -other.low);
}

TEST(Proportion, a_ratio_to_a_rate_that_may_be_zero_is_unbounded) {
  const Interval ratio = rate_ratio({5, 10}, {0, 10}, 0.95).value();
  EXPECT_GT(ratio.low, 0);
  EXPECT_TRUE(std::isinf(ratio.high));
  EXPECT_EQ(rate_ratio({0, 10}, {5, 10}, 0.95)->low, 0);
}

TEST(Proportion, classifiers_that_never_disagree_are_equal) {
  EXPECT_EQ(mcnemar_exact(0, 0).p_value, 1);
  EXPECT_EQ(mcnemar_corrected(0, 0).p_value, 1);
  EXPECT_TRUE(paired_rate_difference({50, 0, 0, 50}, 0.95)->contains(0));
}

TEST(Proportion, more_successes_than_trials_are_refused) {
  EXPECT_FALSE(wilson({3, 2}, 0.95).ok());
  EXPECT_FALSE(clopper_pearson({0, 0}, 0.95).ok());
  EXPECT_FALSE(binomial_test({3, 2}, 0.5, Alternative::TwoSided).ok());
}

}  // namespace
}  // namespace slipway::stats
