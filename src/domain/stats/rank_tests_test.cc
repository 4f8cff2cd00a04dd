#include "domain/stats/rank_tests.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "domain/stats/shape_tests.h"

namespace slipway::stats {
namespace {

// Published tables: n = 8, sum of positive ranks 3 has a one-sided p of 5/256; 5 and 5 with U = 2 one of 4/252.
TEST(RankTests, agree_with_printed_tables) {
  const std::vector<double> first{-3, 1, 2, -4, -5, -6, -7, -8}, nothing(8, 0.0);
  EXPECT_DOUBLE_EQ(wilcoxon_test(first, nothing, Alternative::Less, Continuity::Plain)->p_value, 5.0 / 256);
  const std::vector<double> low{1, 2, 3, 4, 7}, high{5, 6, 8, 9, 10};
  const TestOutcome test = mann_whitney_test(low, high, Alternative::Less, Continuity::Plain).value();
  EXPECT_EQ(test.statistic, 2);
  EXPECT_DOUBLE_EQ(test.p_value, 4.0 / 252);
}

TEST(RankTests, samples_that_are_all_equal_show_nothing) {
  const std::vector<double> same(10, 1.0);
  EXPECT_EQ(mann_whitney_test(same, same, Alternative::TwoSided, Continuity::Corrected)->p_value, 1);
  EXPECT_EQ(wilcoxon_test(same, same, Alternative::TwoSided, Continuity::Corrected)->p_value, 1);
  EXPECT_EQ(kolmogorov_smirnov_test(same, same)->p_value, 1);
}

TEST(RankTests, the_exact_and_the_approximate_p_meet_where_one_takes_over) {
  std::vector<double> first(25), second(25), more(26);
  std::iota(first.begin(), first.end(), 0.0);
  std::iota(second.begin(), second.end(), 5.5);
  std::iota(more.begin(), more.end(), 5.5);
  const double exact = mann_whitney_test(first, second, Alternative::TwoSided, Continuity::Corrected)->p_value;
  const double normal = mann_whitney_test(first, more, Alternative::TwoSided, Continuity::Corrected)->p_value;
  EXPECT_NEAR(exact, normal, 0.01);
}

TEST(RankTests, samples_apart_have_the_least_possible_p) {
  const std::vector<double> low{1, 2, 3}, high{4, 5, 6};
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov_test(low, high)->p_value, 2.0 / 20);
  EXPECT_DOUBLE_EQ(mann_whitney_test(low, high, Alternative::TwoSided, Continuity::Plain)->p_value, 2.0 / 20);
}

}  // namespace
}  // namespace slipway::stats
