#include "domain/proof/rival_rules.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace slipway::proof
