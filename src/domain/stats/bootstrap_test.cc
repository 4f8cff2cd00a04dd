#include "domain/stats/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace slipway::stats {
namespace {

double mean_of(const std::vector<double>& values, std::span<const std::uint32_t> rows) {
  double sum = 0;
  for (const std::uint32_t row : rows) sum += values[row];
  return sum / static_cast<double>(rows.size());
}

std::vector<double> skewed(std::size_t n, Xoshiro256& random) {  // exponential, mean 1
  std::vector<double> values(n);
  for (double& value : values) value = -std::log1p(-random.unit());
  return values;
}

TEST(Bootstrap, the_same_seed_gives_the_same_interval) {
  Xoshiro256 source(1), first(5), second(5);
  const std::vector<double> values = skewed(40, source);
  const auto statistic = [&](std::span<const std::uint32_t> rows) { return mean_of(values, rows); };
  EXPECT_EQ(bootstrap(40, statistic, {}, first)->interval, bootstrap(40, statistic, {}, second)->interval);
}

// 400 samples of 50, seeded: a 90 % interval should miss about 10 %; a skewed sample of 50 costs it some.
TEST(Bootstrap, the_interval_covers_about_as_often_as_stated) {
  Xoshiro256 random(2026);
  int covered = 0;
  for (int sample = 0; sample < 400; ++sample) {
    const std::vector<double> values = skewed(50, random);
    const auto statistic = [&](std::span<const std::uint32_t> rows) { return mean_of(values, rows); };
    covered += bootstrap(50, statistic, {.resamples = 400, .confidence = 0.9}, random)->interval.contains(1) ? 1 : 0;
  }
  EXPECT_GE(covered, 400 * 0.84);
  EXPECT_LE(covered, 400 * 0.95);
}

TEST(Bootstrap, above_a_thousand_rows_the_jackknife_leaves_out_groups) {
  Xoshiro256 random(3);
  const std::vector<double> values = skewed(5'000, random);
  std::size_t evaluations = 0;
  const auto statistic = [&](std::span<const std::uint32_t> rows) {
    ++evaluations;
    return mean_of(values, rows);
  };
  const Interval interval = bootstrap(5'000, statistic, {.resamples = 200}, random)->interval;
  EXPECT_EQ(evaluations, 1 + 200 + kJackknifeGroups);
  EXPECT_NEAR(interval.high - interval.low, 2 * 1.96 / std::sqrt(5'000.0), 0.012);
}

TEST(Bootstrap, what_does_not_vary_has_an_interval_of_one_point) {
  Xoshiro256 random(4);
  const auto statistic = [](std::span<const std::uint32_t>) { return 2.5; };
  EXPECT_EQ(bootstrap(10, statistic, {}, random)->interval, (Interval{2.5, 2.5}));
}

TEST(Bootstrap, a_statistic_without_value_on_many_resamples_is_refused) {
  Xoshiro256 random(5);
  const auto needs_row_zero = [](std::span<const std::uint32_t> rows) {
    return std::find(rows.begin(), rows.end(), 0U) == rows.end() ? std::nan("") : 1.0;
  };
  const auto refused = bootstrap(20, needs_row_zero, {}, random);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("too few rows"), std::string::npos);
}

TEST(Bootstrap, limits_on_rows_resamples_and_confidence_hold) {
  Xoshiro256 random(6);
  const auto statistic = [](std::span<const std::uint32_t>) { return 1.0; };
  EXPECT_FALSE(bootstrap(0, statistic, {}, random).ok());
  EXPECT_FALSE(bootstrap(5, statistic, {.resamples = 99}, random).ok());
  EXPECT_FALSE(bootstrap(5, statistic, {.resamples = 100'001}, random).ok());
  EXPECT_FALSE(bootstrap(5, statistic, {.confidence = 1}, random).ok());
}

}  // namespace
}  // namespace slipway::stats
