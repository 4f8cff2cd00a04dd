#include "app/proving/played_rollout.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/proving/playing.h"
#include "app/proving/ramp_text.h"

namespace slipway::proving {
namespace {

using proof::Outcome;
using proof::Rival;
using proof::Scenario;
using proof::Score;

Scenario scenario(std::string_view id) {
  const std::vector<Scenario> all = proof::scenarios();
  return *std::ranges::find(all, id, &Scenario::id);
}

Score score_of(const Scenario& scenario, std::uint32_t rollouts, std::uint32_t threads = 1) {
  auto played = play(scenario, {.rollouts = rollouts, .threads = threads});
  EXPECT_TRUE(played.ok()) << played.error().message;
  return *std::move(played);
}

std::uint32_t rolled_back(const Score& score, Rival rival) {
  return score.rivals.at(static_cast<std::size_t>(rival));
}

class PlayedRolloutTest : public ::testing::Test {
 protected:
  Outcome played(const Scenario& scenario, std::uint64_t seed) {
    const auto plan = evidence_of(scenario);
    EXPECT_TRUE(plan.ok()) << plan.error().message;
    PlayedRollout rollout(scenario, *plan, seed, log_);
    const Outcome outcome = rollout.play();
    state_.emplace(rollout.state());
    return outcome;
  }
  Log log_{{.level = LogLevel::Off}};
  std::optional<rollout::Rollout> state_;
};

TEST(Playing, every_scenario_has_a_plan_that_the_product_reads) {
  for (const Scenario& one : proof::scenarios()) {
    EXPECT_TRUE(evidence_of(one).ok()) << one.id << ": " << evidence_of(one).error().message;
    EXPECT_TRUE(ramp_text(one.plan).ok()) << one.id;
  }
  EXPECT_EQ(*ramp_text(scenario("AA1").plan), "canary 5 %, 10 %, 25 %, 50 %, 600s at least");
}

TEST(Playing, a_plan_that_is_none_is_refused) {
  const auto played = play({.id = "X", .what = "", .course = {}, .plan = "metrics: 3\n", .target = {}}, {});
  ASSERT_FALSE(played.ok());
  EXPECT_EQ(played.error().code, ErrorCode::InvalidInput);
}

TEST(Playing, threads_change_nothing) {
  const Score one = score_of(scenario("P4"), 12), three = score_of(scenario("P4"), 12, 3);
  EXPECT_EQ(one.minutes, three.minutes);
  EXPECT_EQ(one.candidate, three.candidate);
}

TEST_F(PlayedRolloutTest, a_crash_goes_back_within_twenty_requests_of_the_candidate) {
  const Outcome outcome = played(scenario("P9"), 1);
  EXPECT_TRUE(outcome.is_rolled_back);
  EXPECT_LE(outcome.candidate, 40);
  EXPECT_EQ(state_->state, rollout::State::Aborted);
}

TEST_F(PlayedRolloutTest, an_equal_version_goes_up_the_ramp_and_is_promoted) {
  const Outcome outcome = played(scenario("P11"), 1);
  EXPECT_TRUE(outcome.is_promoted) << state_->reason;
  EXPECT_GT(outcome.minutes, 20);  // four steps of five minutes
  EXPECT_EQ(state_->winner, kCandidate);
}

TEST_F(PlayedRolloutTest, nothing_is_decided_where_nothing_is_known) {
  for (const char* id : {"AA7b", "AA7c", "AA7d"}) {
    const Outcome outcome = played(scenario(id), 1);
    EXPECT_FALSE(outcome.is_rolled_back || outcome.is_promoted) << id;
    EXPECT_EQ(state_->state, rollout::State::Observing) << id;
    EXPECT_EQ(state_->position, 0U) << id;
  }
}

TEST_F(PlayedRolloutTest, kills_change_no_decision) {
  Scenario killed = scenario("P5b");
  killed.trouble = proof::Trouble::Kills;
  killed.troubled_one_in = 3;
  Scenario undisturbed = killed;
  undisturbed.troubled_one_in = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Outcome one = played(killed, seed), other = played(undisturbed, seed);
    EXPECT_TRUE(one.is_rolled_back && other.is_rolled_back) << seed;
    EXPECT_EQ(one.minutes, other.minutes) << seed;
    EXPECT_EQ(one.candidate, other.candidate) << seed;
  }
}

TEST_F(PlayedRolloutTest, a_shift_in_the_shadow_ends_it_before_anyone_is_served) {
  const Outcome outcome = played(scenario("P7b"), 1);
  EXPECT_TRUE(outcome.is_rolled_back);
  EXPECT_GT(outcome.pairs, 30);
  EXPECT_EQ(outcome.requests, 0);
  EXPECT_EQ(state_->state, rollout::State::Aborted);
}

TEST_F(PlayedRolloutTest, a_slice_in_which_classes_are_flipped_is_named) {
  const Outcome outcome = played(scenario("P8"), 1);
  EXPECT_FALSE(outcome.is_rolled_back);
  EXPECT_EQ(outcome.named, 1U);
  EXPECT_EQ(outcome.named_falsely, 0U);
}

TEST_F(PlayedRolloutTest, weights_set_by_hand_are_served) {
  Scenario by_hand = scenario("AA5b");
  by_hand.course.seconds = 600;
  const Outcome outcome = played(by_hand, 1);
  EXPECT_FALSE(outcome.is_rolled_back);
  EXPECT_EQ(state_->position, 0U);
  EXPECT_NE(rollout::weight_of(*state_).count, 500U);
}

TEST(Playing, rollouts_of_one_model_share_alpha_where_its_plan_says_so) {
  const Score shared = score_of(scenario("AA6b"), 10), each = score_of(scenario("AA6x"), 10);
  EXPECT_LE(shared.rolled_back, 2U);
  EXPECT_GT(each.rolled_back, shared.rolled_back);
}

TEST(Playing, a_shared_incident_fools_pooled_counts_and_thresholds_and_not_the_evidence) {
  const Score score = score_of(scenario("AA2"), 20);
  EXPECT_LE(score.rolled_back, 4U);
  for (const Rival rival : {Rival::PooledZ, Rival::Thresholds, Rival::Flagger, Rival::ArgoFirst}) {
    EXPECT_EQ(rolled_back(score, rival), 20U) << proof::name_of(rival);
  }
}

// The suite would find a rule that is broken: with the same traffic and bounds it misses its target.
TEST(Playing, evidence_that_begins_anew_at_each_step_is_found_out) {
  Scenario broken = scenario("AA1y");
  broken.target.is_violated = false;
  broken.least_rollouts = 0;
  EXPECT_FALSE(hold_against(broken, score_of(broken, 200)).front().is_kept);
}

TEST(Playing, a_cold_start_without_the_warm_up_rule_is_found_out) {
  const Scenario cold = scenario("AA8x");
  EXPECT_TRUE(hold_against(cold, score_of(cold, 20)).front().is_kept);
}

TEST(Playing, twice_the_alpha_is_found_out) {
  Scenario broken = scenario("AA1x");
  broken.target.is_violated = false;
  EXPECT_FALSE(hold_against(broken, score_of(broken, 1'000)).front().is_kept);
}

}  // namespace
}  // namespace slipway::proving
