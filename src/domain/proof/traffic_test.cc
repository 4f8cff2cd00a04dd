#include "domain/proof/traffic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

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

TEST(Traffic, an_incident_anywhere_begins_where_its_seed_says_and_lasts_five_minutes) {
  std::set<int> minutes;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Traffic traffic({.error_rate = 0, .incident_rate = 1, .is_incident_anywhere = true}, seed);
    double first = -1, last = 0;
    for (double until = 1; until <= 3'600; ++until) {
      while (const auto answer = traffic.next(until, 0.5)) {
        if (!*answer->error) continue;
        first = first < 0 ? answer->t : first;
        last = answer->t;
      }
    }
    EXPECT_NEAR(last - first, 300, 2) << seed;
    minutes.insert(static_cast<int>(first / 60));
  }
  EXPECT_GT(minutes.size(), 10U);
}

TEST(Traffic, labels_come_as_late_as_they_are_said_to_with_the_arm_of_their_answer) {
  Traffic traffic({.per_second = 10, .right_rate = 0.9, .label_delay = 60, .right_ratio = 0.5}, 1);
  std::array<double, 2> labels{}, right{};
  double answers = 0, last = 0;
  while (const auto told = traffic.next(3'600, 0.25)) {
    EXPECT_GE(told->t, last);
    last = told->t;
    EXPECT_NE(told->error.has_value(), told->outcome.has_value());
    answers += told->error ? 1 : 0;
    if (!told->outcome) continue;
    const std::size_t arm = told->arm == stats::Arm::Candidate ? 1 : 0;
    labels.at(arm) += 1;
    right.at(arm) += *told->outcome;
  }
  EXPECT_NEAR(labels[0] + labels[1], answers - 600, 2);
  expect_about(labels[1], labels[0] + labels[1], 0.25);
  expect_about(right[0], labels[0], 0.9);
  expect_about(right[1], labels[1], 0.45);
}

TEST(Traffic, a_slice_that_is_flipped_leaves_all_answers_as_right_as_they_were) {
  Traffic traffic({.right_rate = 0.9, .slices = 20, .first_slice = 0.05, .flips_first_slice = true}, 1);
  std::array<double, 2> all{}, right{};  // the candidate's, outside of slice 0 and in it
  while (const auto answer = traffic.next(3'600, 0.5)) {
    if (answer->arm != stats::Arm::Candidate) continue;
    const std::size_t inside = answer->slices & 1U;
    all.at(inside) += 1;
    right.at(inside) += *answer->outcome;
  }
  expect_about(all[1], all[0] + all[1], 0.05);
  expect_about(right[1], all[1], 0.1);
  expect_about(right[0] + right[1], all[0] + all[1], 0.9);
}

TEST(Traffic, two_answers_to_one_request_differ_by_the_shift_and_the_spread) {
  Traffic traffic({.values = 1, .value_shift = 0.05, .pair_spread = 0.3}, 1);
  double count = 0, sum = 0, squares = 0;
  while (const auto pair = traffic.next_pair(1'000, 0.5)) {
    const double apart = pair->answers->candidate.values[0] - pair->answers->control.values[0];
    ++count, sum += apart, squares += apart * apart;
  }
  EXPECT_NEAR(count, 50'000, 1);
  EXPECT_NEAR(sum / count, 0.05, 5 * 0.3 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 0.09 + 0.0025, 0.002);
}

}  // namespace
}  // namespace slipway::proof
