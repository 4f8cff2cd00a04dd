// RateProcess: what it is against, how often it errs, and how soon it finds.
#include "domain/stats/rate_process.h"

#include <gtest/gtest.h>

#include <cmath>

#include "domain/stats/proportion.h"
#include "domain/stats/random.h"

namespace slipway::stats {
namespace {

const double kBar = std::log(20);
constexpr int kRuns = 400, kMostFalse = 29;  // the 97.5 % quantile of 20 in 400

// The mean of E over every outcome of ten trials.
double mean_evidence(Side side, double p0, double p) {
  constexpr std::uint64_t kTrials = 10;
  double mean = 0, ways = 1;
  for (std::uint64_t k = 0; k <= kTrials; ++k) {
    RateProcess process(side, p0);
    process.trials(kTrials, k);
    const auto events = static_cast<double>(k), none = static_cast<double>(kTrials - k);
    mean += ways * std::pow(p, events) * std::pow(1 - p, none) * std::exp(process.log_evidence());
    ways = ways * none / (events + 1);
  }
  return mean;
}

TEST(RateProcess, has_mean_one_at_the_bound_and_less_within_the_hypothesis) {
  for (const double p0 : {0.01, 0.3, 0.5}) {
    EXPECT_NEAR(mean_evidence(Side::Above, p0, p0), 1, 1e-11) << p0;
    EXPECT_NEAR(mean_evidence(Side::Below, p0, p0), 1, 1e-11) << p0;
    EXPECT_LT(mean_evidence(Side::Above, p0, 0.7 * p0), 1) << p0;
    EXPECT_LT(mean_evidence(Side::Below, p0, 1.2 * p0), 1) << p0;
  }
}

TEST(RateProcess, an_event_ends_the_bet_on_none_and_no_other) {
  RateProcess process(Side::Below, 0.01);
  process.trials(1'000, 1);
  EXPECT_TRUE(std::isfinite(process.log_evidence()));
  EXPECT_EQ(RateProcess(Side::Below, 0.5).log_evidence(), 0);
}

TEST(RateProcess, excludes_one_percent_by_four_hundred_trials_without_an_event) {
  RateProcess process(Side::Below, 0.01);
  process.trials(300, 0);
  EXPECT_LT(process.log_evidence(), kBar);
  process.trials(100, 0);
  EXPECT_GE(process.log_evidence(), kBar);
}

// Of so many runs of so many trials with this probability, how many reach the bar at some moment.
int reached(Side side, double p0, double p, int trials) {
  Xoshiro256 random(41);
  int count = 0;
  for (int run = 0; run < kRuns; ++run) {
    RateProcess process(side, p0);
    for (int i = 0; i < trials; ++i) {
      process.trial(random.unit() < p);
      if (process.log_evidence() < kBar) continue;
      ++count;
      break;
    }
  }
  return count;
}

TEST(RateProcess, errs_in_at_most_one_of_twenty_looking_after_every_trial) {
  EXPECT_LE(reached(Side::Above, 0.05, 0.05, 2'000), kMostFalse);
  EXPECT_LE(reached(Side::Below, 0.05, 0.05, 2'000), kMostFalse);
  EXPECT_GE(reached(Side::Above, 0.05, 0.1, 2'000), 396);
  EXPECT_GE(reached(Side::Below, 0.05, 0.02, 2'000), 396);
}

TEST(RateProcess, tells_how_fast_it_grows) {
  const RateProcess process(Side::Below, 0.01);
  EXPECT_NEAR(process.growth(0), -std::log1p(-0.01), 1e-15);
  EXPECT_LT(process.growth(0.01), 0);
  EXPECT_GT(RateProcess(Side::Above, 0.01).growth(0.03), 0);
}

// Two classifiers of the same accuracy, whatever it is; who looks at McNemar's test again and again errs.
TEST(CoinProcess, tells_equal_classifiers_apart_no_more_often_than_it_may) {
  Xoshiro256 random(42);
  int found = 0, naive = 0;
  for (int run = 0; run < kRuns; ++run) {
    CoinProcess coin;
    bool is_found = false, is_naive = false;
    for (int i = 0; i < 1'000; ++i) {
      coin.toss(random.unit() < 0.5);
      is_found = is_found || coin.log_evidence() >= kBar;
      if (i >= 10) is_naive = is_naive || mcnemar_exact(coin.heads(), coin.count() - coin.heads()).p_value <= 0.05;
    }
    found += is_found ? 1 : 0;
    naive += is_naive ? 1 : 0;
  }
  EXPECT_LE(found, kMostFalse);
  EXPECT_GT(naive, 4 * kMostFalse) << "a control that passes shows nothing";
}

TEST(CoinProcess, finds_the_better_one_either_way) {
  for (const bool is_head : {false, true}) {
    CoinProcess coin;
    for (int i = 0; i < 60; ++i) coin.toss((i % 4 != 0) == is_head);
    EXPECT_GE(coin.log_evidence(), kBar) << is_head;
  }
}

}  // namespace
}  // namespace slipway::stats
