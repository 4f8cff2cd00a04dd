#include "domain/proof/suite.h"

#include <gtest/gtest.h>

#include <set>

namespace slipway::proof {
namespace {

Scenario asking(Target target) {
  return {.id = "X", .what = "", .course = {}, .plan = "", .target = target};
}

bool is_kept(const Target& target, const Score& score) {
  return hold_against(asking(target), score).front().is_kept;
}

TEST(Suite, every_scenario_has_a_target_and_its_own_name) {
  std::set<std::string> names;
  for (const Scenario& one : scenarios()) {
    EXPECT_FALSE(hold_against(one, {.rollouts = 1}).empty()) << one.id;
    EXPECT_TRUE(names.insert(one.id).second) << one.id;
  }
}

TEST(Suite, targets_are_held_by_binomial_bounds) {
  const Target equal{.most_rollbacks = 0.05}, found{.least_rollbacks = 0.95}, never{.most_rollbacks = 0};
  EXPECT_TRUE(is_kept(equal, {.rollouts = 200, .rolled_back = 16}));
  EXPECT_FALSE(is_kept(equal, {.rollouts = 200, .rolled_back = 17}));
  EXPECT_TRUE(is_kept(equal, {.rollouts = 1'000, .rolled_back = 64}));
  EXPECT_FALSE(is_kept(equal, {.rollouts = 1'000, .rolled_back = 65}));
  EXPECT_TRUE(is_kept(found, {.rollouts = 200, .rolled_back = 184}));
  EXPECT_FALSE(is_kept(found, {.rollouts = 200, .rolled_back = 180}));
  EXPECT_FALSE(is_kept(never, {.rollouts = 200, .rolled_back = 1}));
  EXPECT_FALSE(is_kept({.median_minutes = 9}, {.rollouts = 200}));
  EXPECT_TRUE(is_kept({.most_rollbacks = 0.05, .is_violated = true}, {.rollouts = 200, .rolled_back = 90}));
  EXPECT_FALSE(is_kept({.most_rollbacks = 0.05, .is_violated = true}, {.rollouts = 200, .rolled_back = 10}));
}

TEST(Suite, a_rule_of_others_has_to_fail_where_it_is_said_to) {
  Scenario scenario = asking({});
  scenario.rivals = {{Rival::Flagger, 0.9}, {Rival::ArgoThird, 0, 0.05}};
  Score score{.rollouts = 200};
  score.rivals[static_cast<std::size_t>(Rival::Flagger)] = 195;
  EXPECT_TRUE(hold_against(scenario, score)[0].is_kept);
  EXPECT_TRUE(hold_against(scenario, score)[1].is_kept);
  score.rivals = {};
  EXPECT_FALSE(hold_against(scenario, score)[0].is_kept);
}

TEST(Suite, rollouts_that_did_not_end_are_infinitely_late) {
  const std::vector<double> two{1, 2};
  EXPECT_EQ(median(two, 3), 2);
  EXPECT_EQ(median(two, 5), std::nullopt);
}

TEST(Suite, outcomes_are_counted_by_what_they_came_to) {
  std::vector<Outcome> outcomes(4);
  outcomes[0] = {.is_rolled_back = true, .minutes = 7, .candidate = 300};
  outcomes[1] = {.is_rolled_back = true, .minutes = 5, .candidate = 200, .named = 1, .named_falsely = 1};
  outcomes[2].is_promoted = true;
  outcomes[3].rivals[1] = {.minute = 4, .candidate = 90};
  const Score score = score_of(outcomes);
  EXPECT_EQ(score.rolled_back, 2U);
  EXPECT_EQ(score.promoted, 1U);
  EXPECT_EQ(score.minutes, (std::vector<double>{5, 7}));
  EXPECT_EQ(score.rivals[1], 1U);
  EXPECT_EQ(score.rival_candidate[1], std::vector<double>{90});
  EXPECT_DOUBLE_EQ(score.false_share, 0.125);
}

TEST(Suite, shares_are_told_with_their_interval) {
  const auto findings = hold_against(asking({.most_rollbacks = 0.05}), {.rollouts = 200, .rolled_back = 7});
  EXPECT_EQ(findings.front().text, "rolled back 7 of 200 (at most 16) [1.42, 7.08 %]");
}

TEST(Suite, information_is_asked_of_the_median_and_of_the_mean) {
  std::vector<Outcome> outcomes(60, {.is_rolled_back = true, .information = 1});
  for (std::size_t i = 0; i < 25; ++i) outcomes[i] = {.information = 4};  // never found, though there was so much
  const auto findings = hold_against(asking({.oracle_ratio = 1.6}), score_of(outcomes));
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_TRUE(findings[0].is_kept) << findings[0].text;
  EXPECT_FALSE(findings[1].is_kept) << findings[1].text;
}

TEST(Suite, of_series_the_share_of_false_alarms_is_that_among_rollbacks) {
  std::vector<Outcome> outcomes(40, {.worse = 3, .found = 2});
  for (std::size_t i = 0; i < 20; ++i) outcomes[i] = {.worse = 3, .found = 3, .false_alarms = 1};
  const Score score = score_of(outcomes);
  EXPECT_DOUBLE_EQ(score.false_alarms.value, 0.25 / 2);
  EXPECT_FALSE(is_kept({.most_false_share = 0.05}, score));
  EXPECT_TRUE(is_kept({.least_found = 0.8}, score));
}

TEST(Suite, a_rule_that_is_as_seldom_wrong_and_as_soon_right_is_named) {
  Score equal{.rollouts = 100, .rolled_back = 3}, worse{.rollouts = 100, .rolled_back = 100};
  worse.candidate.assign(100, 2'000);
  EXPECT_EQ(cost_of(equal, worse).size(), 1U);
  const auto flagger = static_cast<std::size_t>(Rival::Flagger);
  worse.rival_candidate.at(flagger).assign(100, 1'500);
  EXPECT_FALSE(cost_of(equal, worse).back().is_kept);
  equal.rivals.at(flagger) = 90;  // soon because it always rolls back
  EXPECT_TRUE(cost_of(equal, worse).back().is_kept);
}

TEST(Suite, a_planned_test_keeps_its_level_and_nearly_its_power) {
  for (const Finding& finding : planned_test()) EXPECT_TRUE(finding.is_kept) << finding.text;
}

}  // namespace
}  // namespace slipway::proof
