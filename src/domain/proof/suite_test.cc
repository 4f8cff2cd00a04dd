// The harness shows what it is there to show, on few rollouts; `slipway verify-decisions` plays them all.
#include "domain/proof/suite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace slipway::proof {
namespace {

Scenario scenario(std::string_view id) {
  const std::vector<Scenario> all = scenarios();
  return *std::ranges::find(all, id, &Scenario::id);
}

TEST(Suite, every_scenario_has_a_sound_plan_a_target_and_its_own_name) {
  std::set<std::string> names;
  for (const Scenario& one : scenarios()) {
    EXPECT_TRUE(evidence::check(one.plan).ok()) << one.id;
    EXPECT_FALSE(hold_against(one.target, {.rollouts = 1}).empty()) << one.id;
    EXPECT_TRUE(names.insert(one.id).second) << one.id;
  }
}

TEST(Suite, the_same_seed_gives_the_same_score) {
  const Score first = play(scenario("AA7"), 2, 5), again = play(scenario("AA7"), 2, 5);
  EXPECT_EQ(first.rolled_back, again.rolled_back);
  const Score crash = play(scenario("P9"), 5, 1);
  EXPECT_EQ(crash.minutes, play(scenario("P9"), 5, 1).minutes);
  EXPECT_EQ(crash.rolled_back, 5U);
}

TEST(Suite, a_shared_incident_fools_pooled_counts_and_thresholds_and_not_the_evidence) {
  const Score score = play(scenario("AA2"), 8, 1);
  EXPECT_LE(score.rolled_back, 2U);
  EXPECT_EQ(score.rivals[static_cast<std::size_t>(Rival::PooledZ)], 8U);
  EXPECT_EQ(score.rivals[static_cast<std::size_t>(Rival::Thresholds)], 8U);
}

TEST(Suite, targets_are_held_by_binomial_bounds) {
  const Target equal{.most_rollbacks = 0.05};
  EXPECT_TRUE(hold_against(equal, {.rollouts = 200, .rolled_back = 16}).front().is_kept);
  EXPECT_FALSE(hold_against(equal, {.rollouts = 200, .rolled_back = 17}).front().is_kept);
  const Target found{.least_rollbacks = 0.95};
  EXPECT_TRUE(hold_against(found, {.rollouts = 200, .rolled_back = 184}).front().is_kept);
  EXPECT_FALSE(hold_against(found, {.rollouts = 200, .rolled_back = 180}).front().is_kept);
  const Target soon{.median_minutes = 9};
  EXPECT_FALSE(hold_against(soon, {.rollouts = 200}).front().is_kept);
  EXPECT_TRUE(hold_against({.most_rollbacks = 0.05, .is_violated = true}, {.rollouts = 200, .rolled_back = 90})
                  .front()
                  .is_kept);
}

TEST(Suite, a_planned_test_keeps_its_level_and_nearly_its_power) {
  for (const Finding& finding : planned_test()) EXPECT_TRUE(finding.is_kept) << finding.text;
}

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

}  // namespace
}  // namespace slipway::proof
