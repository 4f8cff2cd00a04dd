// Paired processes: on two answers to one question, how often they err, and how soon they find.
#include "domain/stats/paired_process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "domain/stats/distribution.h"
#include "domain/stats/random.h"

namespace slipway::stats {
namespace {

const double kBar = std::log(20);
constexpr int kRuns = 400, kMostFalse = 29;  // the 97.5 % quantile of 20 in 400

double normal(Xoshiro256& random) {
  return normal_quantile(random.unit() + 0x1p-54);
}

// The pairs until the bar is reached, run by run; `most` + 1 where it is not.
template <class Process>
std::vector<int> pairs_until(Process&& start, const std::function<void(decltype(start())&, Xoshiro256&)>& pair,
                             int most) {
  Xoshiro256 random(43);
  std::vector<int> all;
  for (int run = 0; run < kRuns; ++run) {
    auto process = start();
    int pairs = 0;
    while (pairs++ < most) {
      pair(process, random);
      if (process.log_evidence() >= kBar) break;
    }
    all.push_back(pairs);
  }
  std::ranges::sort(all);
  return all;
}

auto two_sided = [] { return SymmetryProcess(Tilt::TwoSided); };

auto found_by(const std::vector<int>& pairs, int most) {
  return std::ranges::count_if(pairs, [&](int each) { return each <= most; });
}

TEST(SymmetryProcess, is_quiet_for_differences_that_are_symmetric_however_their_size_moves) {
  int turn = 0;
  const auto seasonal = pairs_until(
      two_sided,
      [&](SymmetryProcess& process, Xoshiro256& random) {
        const double cauchy = std::tan(std::numbers::pi * (random.unit() - 0.5));
        process.difference((++turn % 500 < 100 ? 30 : 1) * cauchy);
      },
      2'000);
  EXPECT_LE(found_by(seasonal, 2'000), kMostFalse);
}

// A test on the mean that is looked at after every pair is the control.
TEST(SymmetryProcess, stays_within_its_chance_where_a_repeated_test_does_not) {
  Xoshiro256 random(44);
  int found = 0, naive = 0;
  for (int run = 0; run < kRuns; ++run) {
    SymmetryProcess process(Tilt::TwoSided);
    bool is_found = false, is_naive = false;
    double sum = 0, squares = 0;
    for (int i = 1; i <= 2'000; ++i) {
      const double d = normal(random);
      process.difference(d);
      sum += d, squares += d * d;
      is_found = is_found || process.log_evidence() >= kBar;
      is_naive = is_naive || (i >= 30 && std::abs(sum) > 1.96 * std::sqrt(squares));
    }
    found += is_found ? 1 : 0;
    naive += is_naive ? 1 : 0;
  }
  EXPECT_LE(found, kMostFalse);
  EXPECT_GT(naive, 4 * kMostFalse) << "a control that passes shows nothing";
}

// A bias of 0.05 of the output's deviation, the differences of 0.1, 0.3 and 0.5 of it.
TEST(SymmetryProcess, finds_a_small_bias_in_few_pairs) {
  struct Row {
    double deviation;
    int median;
  };
  for (const Row& row : {Row{0.1, 55}, Row{0.3, 350}, Row{0.5, 1'100}}) {
    const auto pairs = pairs_until(
        two_sided,
        [&](SymmetryProcess& process, Xoshiro256& random) {
          process.difference(0.05 + row.deviation * normal(random));
        },
        10'000);
    EXPECT_LE(pairs[kRuns / 2], row.median) << row.deviation;
    EXPECT_LE(pairs.back(), 10'000) << row.deviation;
  }
}

TEST(SymmetryProcess, upwards_says_nothing_of_lower_values) {
  const auto lower = pairs_until(
      [] { return SymmetryProcess(Tilt::Upwards); },
      [](SymmetryProcess& process, Xoshiro256& random) { process.difference(normal(random) - 0.2); }, 1'000);
  EXPECT_LE(found_by(lower, 1'000), kMostFalse);
}

TEST(SymmetryProcess, equal_answers_are_no_evidence) {
  SymmetryProcess process(Tilt::TwoSided);
  for (int i = 0; i < 100; ++i) process.difference(0);
  process.difference(3);
  EXPECT_EQ(process.log_evidence(), 0);
  EXPECT_EQ(process.scale(), 3);
}

TEST(MeanProcess, errs_at_its_bound_no_more_often_than_it_may_and_finds_what_lies_beyond) {
  const auto above = [] { return MeanProcess(Side::Above, 0.1); };
  const auto below = [] { return MeanProcess(Side::Below, 0.1); };
  const auto of_mean = [](double mean) {
    return [mean](MeanProcess& process, Xoshiro256& random) { process.value(mean + (random.unit() - 0.5)); };
  };
  EXPECT_LE(found_by(pairs_until(above, of_mean(0.1), 2'000), 2'000), kMostFalse);
  EXPECT_LE(found_by(pairs_until(below, of_mean(0.1), 2'000), 2'000), kMostFalse);
  EXPECT_GE(found_by(pairs_until(above, of_mean(0.2), 2'000), 2'000), 396);
  EXPECT_GE(found_by(pairs_until(below, of_mean(0.0), 2'000), 2'000), 396);
}

// Perfectly dependent and of one distribution: what a two-sample test would get wrong.
TEST(MarginsProcess, is_quiet_for_one_distribution_however_the_pairs_depend) {
  const auto mirrored = pairs_until([] { return MarginsProcess(100); },
                                    [](MarginsProcess& process, Xoshiro256& random) {
                                      const double x = normal(random);
                                      process.pair(x, -x);
                                    },
                                    1'500);
  EXPECT_LE(found_by(mirrored, 1'500), kMostFalse);
}

TEST(MarginsProcess, finds_a_wider_spread_that_has_no_bias) {
  const auto wider = pairs_until([] { return MarginsProcess(100); },
                                 [](MarginsProcess& process, Xoshiro256& random) {
                                   const double x = normal(random);
                                   process.pair(x, 1.5 * x);
                                 },
                                 2'000);
  EXPECT_GE(found_by(wider, 2'000), 396);
}

TEST(MarginsProcess, tells_the_distance_between_the_distributions) {
  MarginsProcess process(100);
  EXPECT_EQ(process.distance(), 0);
  for (int i = 0; i < 100; ++i) process.pair(i, i);
  ASSERT_TRUE(process.is_ready());
  for (int i = 0; i < 100; ++i) process.pair(i, i + 25);
  EXPECT_NEAR(process.distance(), 0.25, 0.02);
}

}  // namespace
}  // namespace slipway::stats
