#include "domain/proof/rival_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "domain/stats/random.h"

namespace slipway::proof {
namespace {

TEST(RivalRules, decide_as_they_are_described) {
  const Minute good{.requests = {950, 50}, .errors = {5, 0}}, bad{.requests = {950, 50}, .errors = {5, 3}};
  const Minute empty{.requests = {950, 0}, .errors = {5, 0}};
  const std::vector<Minute> calm(60, good);
  for (const Rival rival : kRivals) EXPECT_EQ(minute_of_rollback(rival, calm), 0U) << name_of(rival);
  EXPECT_EQ(minute_of_rollback(Rival::Flagger, std::vector<Minute>(60, bad)), 5U);
  EXPECT_EQ(minute_of_rollback(Rival::Flagger, std::vector<Minute>(60, empty)), 5U);  // no traffic is a failure
  EXPECT_EQ(minute_of_rollback(Rival::ArgoFirst, {good, bad}), 2U);
  EXPECT_EQ(minute_of_rollback(Rival::ArgoThird, std::vector<Minute>(60, bad)), 20U);
  EXPECT_EQ(minute_of_rollback(Rival::Thresholds, {good, bad}), 2U);
  EXPECT_EQ(minute_of_rollback(Rival::PooledZ, std::vector<Minute>(60, bad)), 1U);
  EXPECT_EQ(minute_of_rollback(Rival::Kayenta, std::vector<Minute>(60, bad)), 15U);
}

TEST(RivalRules, look_at_latency_by_the_minute) {
  const Minute slow{.requests = {950, 50}, .p99 = {300, 600}}, fast{.requests = {950, 50}, .p99 = {300, 300}};
  EXPECT_EQ(minute_of_rollback(Rival::Thresholds, {fast, slow}), 2U);
  EXPECT_EQ(minute_of_rollback(Rival::Flagger, std::vector<Minute>(60, slow)), 5U);
}

// The martingale behind it, integrated over its normal prior, is 1/alpha exactly on the bound.
TEST(RivalRules, the_asymptotic_interval_is_that_of_a_normal_mixture) {
  for (const double n : {1.0, 50.0, 5'000.0, 1e6}) {
    for (const double alpha : {0.01, 0.05, 0.2}) {
      const double spread = std::sqrt((-2 * std::log(alpha) + std::log(1 - 2 * std::log(alpha))) / 5'000);
      const double sum = n * asymptotic_half_width(n, 1 / std::sqrt(n), alpha, 5'000);
      const double middle = sum / (n + 1 / (spread * spread)), width = 1 / std::sqrt(n + 1 / (spread * spread));
      double integral = 0;  // by trapezoids, which are exact for such integrands
      for (double step = -12; step <= 12; step += 0.05) {
        const double theta = middle + step * width;
        integral += 0.05 * width * std::exp(theta * sum - theta * theta * (n + 1 / (spread * spread)) / 2);
      }
      const double mixed = integral / (spread * std::sqrt(2 * std::numbers::pi));
      EXPECT_NEAR(mixed * alpha, 1, 1e-9) << n << " " << alpha;
    }
  }
}

TEST(RivalWatch, gathers_answers_into_minutes) {
  RivalWatch watch;
  for (int minute = 0; minute < 3; ++minute) {
    watch.see({.t = 60.0 * minute + 1, .error = false, .count = 950});
    watch.see({.t = 60.0 * minute + 2, .arm = stats::Arm::Candidate, .error = false, .count = 40});
    watch.see({.t = 60.0 * minute + 3, .arm = stats::Arm::Candidate, .error = minute > 0, .count = 10});
  }
  const RivalEnd end = watch.ends()[static_cast<std::size_t>(Rival::ArgoFirst)];
  EXPECT_EQ(end.minute, 2U);
  EXPECT_EQ(end.candidate, 100U);
}

TEST(RivalWatch, a_sequence_rejects_outcomes_that_are_far_apart) {
  RivalWatch watch;
  for (int i = 0; i < 5'000; ++i) {
    const bool is_candidate = i % 2 == 0;
    watch.see({.t = i / 10.0,
               .arm = is_candidate ? stats::Arm::Candidate : stats::Arm::Control,
               .error = false,
               .outcome = is_candidate ? i % 3 : i % 5});
  }
  EXPECT_GT(watch.ends()[static_cast<std::size_t>(Rival::AsymptoticSequence)].minute, 0U);
}

TEST(RivalWatch, minutes_without_a_single_answer_are_minutes) {
  RivalWatch watch;
  watch.pass(3'600);
  const auto ends = watch.ends();
  EXPECT_EQ(ends[static_cast<std::size_t>(Rival::Flagger)].minute, 5U);
  EXPECT_EQ(ends[static_cast<std::size_t>(Rival::ArgoFirst)].minute, 0U);
}

TEST(RivalWatch, labels_alone_are_no_requests) {
  RivalWatch watch;
  watch.see({.t = 1, .arm = stats::Arm::Candidate, .error = true});
  for (int i = 0; i < 100; ++i) watch.see({.t = 2, .arm = stats::Arm::Candidate, .outcome = 1});
  EXPECT_EQ(watch.ends()[static_cast<std::size_t>(Rival::ArgoFirst)].minute, 1U);
}

TEST(UncorrectedTests, find_something_where_many_are_made_and_nothing_is) {
  stats::Xoshiro256 random(1);
  UncorrectedTests one, many;
  for (int i = 0; i < 4'000; ++i) {
    const evidence::Observation answer{.arm = random.below(2) == 0 ? stats::Arm::Control : stats::Arm::Candidate,
                                       .error = random.below(10) == 0,
                                       .latency_ms = random.unit(),
                                       .slices = std::uint64_t{1} << random.below(20)};
    many.see(answer);
    one.see({.arm = answer.arm, .error = answer.error});
  }
  EXPECT_FALSE(one.is_any_significant());
  EXPECT_TRUE(many.is_any_significant());
}

}  // namespace
}  // namespace slipway::proof
