#include "domain/proof/traffic.h"

#include <gtest/gtest.h>

#include <cmath>

namespace slipway::proof {
namespace {

using evidence::Observation;

// How many answers and errors each arm had: control, candidate.
struct Tally {
  std::array<double, 2> answers{}, errors{};
};

Tally tally_of(const Course& course, double share, std::uint64_t seed = 1) {
  Traffic traffic(course, seed);
  Tally tally;
  double last = 0;
  for (double until = 5; until <= course.seconds; until += 5) {
    while (const auto answer = traffic.next(until, share)) {
      EXPECT_GE(answer->t, last);
      EXPECT_LT(answer->t, until + 1e-6);
      EXPECT_EQ(answer->p, share);
      last = answer->t;
      const std::size_t arm = answer->arm == stats::Arm::Candidate ? 1 : 0;
      tally.answers.at(arm) += static_cast<double>(answer->count);
      tally.errors.at(arm) += *answer->error ? static_cast<double>(answer->count) : 0;
    }
  }
  return tally;
}

// Within five standard deviations of a binomial number.
void expect_about(double found, double all, double p) {
  EXPECT_NEAR(found, all * p, 5 * std::sqrt(all * p * (1 - p))) << "of " << all << " with " << p;
}

TEST(Traffic, counted_answers_have_the_rates_that_are_asked_for) {
  for (const double share : {0.01, 0.05, 0.5, 0.95}) {
    const Tally found = tally_of({.per_second = 200, .error_rate = 0.02, .error_ratio = 3}, share);
    EXPECT_NEAR(found.answers[0] + found.answers[1], 720'000, 1);
    expect_about(found.answers[1], 720'000, share);
    expect_about(found.errors[0], found.answers[0], 0.02);
    expect_about(found.errors[1], found.answers[1], 0.06);
  }
}

TEST(Traffic, single_answers_have_the_same_rates) {
  const Tally found = tally_of({.per_second = 50, .error_rate = 0.02, .has_latency = true, .error_ratio = 3}, 0.25);
  EXPECT_NEAR(found.answers[0] + found.answers[1], 180'000, 1);
  expect_about(found.answers[1], 180'000, 0.25);
  expect_about(found.errors[0], found.answers[0], 0.02);
  expect_about(found.errors[1], found.answers[1], 0.06);
}

TEST(Traffic, errors_of_one_slice_only_are_in_that_slice) {
  Traffic traffic({.error_rate = 0.005, .slices = 20, .slice_error_ratio = 20}, 3);
  std::array<double, 2> inside{}, all{};
  while (const auto answer = traffic.next(3'600, 0.5)) {
    if (!*answer->error) continue;
    const std::size_t arm = answer->arm == stats::Arm::Candidate ? 1 : 0;
    all.at(arm) += 1;
    inside.at(arm) += (answer->slices & 1U) != 0 ? 1 : 0;
  }
  expect_about(inside[0], all[0], 1.0 / 20);
  expect_about(inside[1], all[1], 20.0 / 39);
  expect_about(all[1], all[0] + all[1], (39.0 / 20) / (1 + 39.0 / 20));
}

TEST(Traffic, without_a_share_the_candidate_gets_nothing) {
  EXPECT_EQ(tally_of({.per_second = 10}, 0).answers[1], 0);
  EXPECT_EQ(tally_of({.per_second = 10}, 1).answers[0], 0);
  EXPECT_FALSE(Traffic({.per_second = 0}, 1).next(1'000, 0.5));
}

TEST(Traffic, a_burst_is_of_one_user_who_keeps_his_place) {
  Traffic traffic({.error_rate = 0.05, .burst = 20}, 1);
  std::uint64_t unit = 0, longest = 0, length = 0;
  while (const auto answer = traffic.next(600, 0.5)) {
    length = *answer->error && answer->unit == unit ? length + 1 : 1;
    unit = answer->unit;
    longest = std::max(longest, length);
  }
  EXPECT_GT(longest, 20U);
}

}  // namespace
}  // namespace slipway::proof
