// Confidence sequences hold at every moment at once: covered courses are counted, not covered looks.
#include "domain/stats/confidence_sequence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "domain/stats/random.h"

namespace slipway::stats {
namespace {

constexpr int kRuns = 400, kMostMissed = 29;  // the 97.5 % quantile of 20 in 400

TEST(RateSequence, holds_at_every_look_where_a_repeated_interval_does_not) {
  Xoshiro256 random(45);
  constexpr double kRate = 0.1;
  int missed = 0, naive = 0;
  for (int run = 0; run < 200; ++run) {
    Rate seen;
    bool is_missed = false, is_naive = false;
    for (int look = 0; look < 30; ++look) {
      for (int i = 0; i < 40; ++i) seen.successes += random.unit() < kRate ? 1 : 0;
      seen.trials += 40;
      is_missed = is_missed || !rate_sequence(seen, 0.05).value().contains(kRate);
      is_naive = is_naive || !wilson(seen, 0.95).value().contains(kRate);
    }
    missed += is_missed ? 1 : 0;
    naive += is_naive ? 1 : 0;
  }
  EXPECT_LE(missed, 16);  // the 97.5 % quantile of 10 in 200
  EXPECT_GT(naive, 32) << "a control that passes shows nothing";
}

TEST(RateSequence, knows_the_ends_and_what_it_cannot_be_asked) {
  EXPECT_EQ(rate_sequence({0, 0}, 0.05).value(), (Interval{0, 1}));
  EXPECT_EQ(rate_sequence({0, 500}, 0.05).value().low, 0);
  EXPECT_LT(rate_sequence({0, 500}, 0.05).value().high, 0.02);
  EXPECT_EQ(rate_sequence({500, 500}, 0.05).value().high, 1);
  EXPECT_GT(rate_sequence({500, 500}, 0.05).value().low, 0.98);
  EXPECT_FALSE(rate_sequence({2, 1}, 0.05).ok());
  EXPECT_FALSE(rate_sequence({1, 2}, 0).ok());
  EXPECT_FALSE(rate_sequence({1, 2}, 0.05, 0).ok());
}

TEST(DistributionBand, holds_the_whole_distribution_at_every_look) {
  Xoshiro256 random(46);
  int missed = 0;
  for (int run = 0; run < 200; ++run) {
    std::vector<double> values;
    bool is_missed = false;
    for (const std::size_t n : {100U, 200U, 400U, 800U}) {
      while (values.size() < n) values.push_back(random.unit());
      std::ranges::sort(values);
      double apart = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const auto below = static_cast<double>(i) / static_cast<double>(n);
        apart =
            std::max({apart, std::abs(values[i] - below), std::abs(values[i] - below - 1.0 / static_cast<double>(n))});
      }
      is_missed = is_missed || apart > distribution_band(n, 0.05);
    }
    missed += is_missed ? 1 : 0;
  }
  EXPECT_LE(missed, 16);  // the 97.5 % quantile of 10 in 200
  EXPECT_EQ(distribution_band(99, 0.05), 1);
  EXPECT_NEAR(distribution_band(10'000, 0.05), 0.027, 0.0005);  // as decided from
}

TEST(BernsteinInterval, holds_at_every_moment_and_narrows) {
  Xoshiro256 random(47);
  int missed = 0;
  double width = 0;
  for (int run = 0; run < kRuns; ++run) {
    BernsteinInterval interval(0.05);
    bool is_missed = false;
    for (int i = 0; i < 2'000; ++i) {
      interval.observe(random.unit() < 0.2 ? random.unit() : 0);  // mean 0.1
      is_missed = is_missed || !interval.interval().contains(0.1);
    }
    missed += is_missed ? 1 : 0;
    width += (interval.interval().high - interval.interval().low) / kRuns;
  }
  EXPECT_LE(missed, kMostMissed);
  EXPECT_LT(width, 0.08);
}

}  // namespace
}  // namespace slipway::stats
