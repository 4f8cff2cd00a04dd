#include "domain/rollout/next.h"

#include "domain/rollout/rollout_fixture.h"

namespace slipway::rollout {
namespace {

using model::Verdict;
using namespace std::chrono_literals;

Plan canary() {
  return {{{Canary{}}}};
}

TEST(Next, a_step_is_recorded_before_it_is_served_and_asked_for_until_it_is) {
  World world(canary());
  Decision decision = next(world.plan, *world.rollout, world.sight, world.now);
  EXPECT_EQ(decision.rollout.state, State::Applying);
  EXPECT_FALSE(decision.serve) << "first the record";
  for (int i = 0; i < 3; ++i) {
    decision = next(world.plan, decision.rollout, world.sight, world.now);
    ASSERT_TRUE(decision.serve);
    EXPECT_FALSE(decision.is_change);
    EXPECT_EQ(decision.serve->shares[1], (model::Share{2, {100}}));
  }
}

TEST(Next, time_counts_only_while_it_is_looked_at) {
  World world(canary());
  world.judge(Verdict::Pass, true);
  world.run(4s);
  const Duration dwelt = world.rollout->dwelt;
  world.look(24h);
  EXPECT_EQ(world.rollout->dwelt - dwelt, kLongestLook) << "the machine slept";
  world.look(-24h);
  EXPECT_EQ(world.rollout->dwelt - dwelt, kLongestLook) << "the clock was set back";
  EXPECT_EQ(world.weights(), "100");
}

TEST(Next, while_the_clock_is_not_settled_nothing_goes_on_but_harm_goes_back) {
  World world(canary());
  world.judge(Verdict::Pass, true);
  world.run(5s);
  world.sight.unsettled = "the clock was set forward by 3600s";
  for (int i = 0; i < 100; ++i) EXPECT_EQ(world.look(1min).holding, world.sight.unsettled);
  EXPECT_EQ(world.weights(), "100");
  world.judge(Verdict::Fail);
  world.look();
  EXPECT_EQ(world.state(), State::Restoring);
}

TEST(Next, an_approved_step_waits_until_the_clock_is_settled) {
  World world(Plan{{{Canary{.weights = {{500}}}}, {BlueGreen{}, true}}});
  world.judge(Verdict::Pass, true);
  world.run(10min);
  ASSERT_TRUE(world.command(Approve{}));
  world.sight.unsettled = "the clock was set back by 3600s";
  EXPECT_EQ(world.look().holding, world.sight.unsettled);
  world.sight.unsettled.clear();
  world.look();
  EXPECT_EQ(world.state(), State::Applying);
}

TEST(Next, a_version_that_cannot_be_loaded_ends_the_rollout) {
  World world(canary());
  world.run(2s);
  world.sight.is_live = false;
  world.sight.load_failure = "out of memory";
  world.rollout->state = State::Applying;
  world.look();
  EXPECT_EQ(world.state(), State::Restoring);
  EXPECT_EQ(world.rollout->reason, "cannot be served: out of memory");
}

TEST(Next, traffic_that_somebody_else_changed_is_left_alone) {
  for (const Duration at : {Duration(1s), Duration(10s)}) {
    World world(canary());
    world.run(at);
    world.serve({{{5, model::kWhole}}, {}});
    world.run(5s);
    EXPECT_EQ(world.state(), State::Aborted);
    EXPECT_EQ(world.sight.served->shares[0].version, 5u);
  }
}

TEST(Next, a_queued_rollout_waits_for_its_turn_and_for_the_traffic_it_was_made_for) {
  World world(canary());
  world.sight.is_turn = false;
  EXPECT_EQ(world.look().holding, "waits for the rollout before it");
  world.sight.is_turn = true;
  world.serve({{{9, model::kWhole}}, {}});
  world.look();
  EXPECT_EQ(world.state(), State::Aborted);
  EXPECT_EQ(world.rollout->reason, "version 1 no longer has all traffic");
}

TEST(Next, without_automatic_promotion_a_ready_step_waits_for_a_person) {
  World world(canary());
  world.plan.automation.promote = false;
  world.judge(Verdict::Pass, true);
  world.run(1h);
  EXPECT_EQ(world.weights(), "100");
  EXPECT_EQ(world.look().holding, "ready; going on is by hand");
}

TEST(Next, without_automatic_rollback_harm_pauses_and_says_so) {
  World world(canary());
  world.plan.automation.roll_back = false;
  world.run(5s);
  world.judge(Verdict::Fail);
  world.run(1h);
  EXPECT_EQ(world.state(), State::Observing);
  ASSERT_TRUE(world.rollout->paused);
  EXPECT_EQ(world.rollout->paused->reason, "version 2 does harm: as told; rolling back is by hand");
}

TEST(Next, harm_that_shows_while_a_step_is_not_served_everywhere_goes_back) {
  World world(canary());
  world.look();
  world.sight.is_live = false;
  world.run(5s);
  EXPECT_EQ(world.state(), State::Applying);
  world.judge(Verdict::Fail);
  world.look();
  EXPECT_EQ(world.state(), State::Restoring);
  world.sight.is_live = true;
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
  EXPECT_EQ(world.weights(), "100 0");
}

// The first step is served, the second is recorded, and whatever serves it refuses.
World refused(Plan plan = {{{Canary{.weights = {{2'500}, {5'000}}, .dwell = 5s}}}}) {
  World world(std::move(plan));
  world.judge(Verdict::Pass, true);
  for (int i = 0; i < 60 && world.rollout->position == 0; ++i) world.look();
  EXPECT_EQ(world.state(), State::Applying);
  EXPECT_TRUE(is_as_before(*world.rollout, world.sight));
  return world;
}

TEST(Next, harm_of_the_step_before_goes_back_while_the_next_one_is_refused) {
  World world = refused();
  world.judge(Verdict::Fail);
  const Decision decision = next(world.plan, *world.rollout, world.sight, world.now);
  EXPECT_EQ(decision.rollout.state, State::Restoring);
  EXPECT_FALSE(decision.serve) << "first the record";
  EXPECT_TRUE(decision.rollout.late == world.rollout->wanted) << "it may come after all";
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
  EXPECT_EQ(world.weights(), "2500 0");
  EXPECT_EQ(world.rollout->reason, "version 2 does harm: as told");
}

TEST(Next, what_was_refused_and_comes_after_harm_was_found_is_taken_back_as_well) {
  World world = refused();
  world.judge(Verdict::Fail);
  const Traffic asked = world.rollout->wanted;
  world.rollout = next(world.plan, *world.rollout, world.sight, world.now).rollout;
  world.serve(asked);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
  EXPECT_EQ(world.weights(), "2500 5000 0");
}

TEST(Next, a_refused_step_gets_no_more_traffic_once_harm_has_paused_it) {
  World world = refused();
  world.plan.automation.roll_back = false;
  world.judge(Verdict::Fail);
  world.run(1min);
  EXPECT_EQ(world.weights(), "2500");
  EXPECT_EQ(world.look().holding, "paused: version 2 does harm: as told; rolling back is by hand");
  ASSERT_TRUE(world.command(Abort{}));
  world.run(5s);
  EXPECT_EQ(world.weights(), "2500 0");
}

TEST(Next, a_bandit_whose_weights_are_refused_takes_traffic_from_the_arm_that_does_harm) {
  World world(Plan{{{Bandit{}}}}, {2, 3});
  world.sight.rewards = {{1'000, 0.10, 0.09}, {1'000, 0.30, 0.21}, {1'000, 0.20, 0.16}};
  while (world.state() != State::Observing) world.look();
  while (world.state() == State::Observing) world.look();
  ASSERT_TRUE(is_as_before(*world.rollout, world.sight));
  const Traffic asked = world.rollout->wanted;
  world.judge(Verdict::Fail, false, 0);
  world.look();
  EXPECT_EQ(world.rollout->wanted.shares[1].share.count, 0U);
  EXPECT_TRUE(world.rollout->late == asked);
  world.serve(asked);
  world.look();
  EXPECT_EQ(world.sight.served->shares[1].share.count, 0U);
}

// Its last step is served, and the end is not.
World refused_end() {
  World world(Plan{{{Canary{.weights = {{2'500}}}}}});
  while (world.state() != State::Observing) world.look();
  EXPECT_TRUE(world.command(Promote{.to_the_end = true}).ok());
  return world;
}

TEST(Next, harm_of_the_last_step_goes_back_while_the_end_is_refused) {
  World world = refused_end();
  const Traffic asked = world.rollout->wanted;
  EXPECT_TRUE(next(world.plan, *world.rollout, world.sight, world.now).serve == asked);
  world.judge(Verdict::Fail);
  world.rollout = next(world.plan, *world.rollout, world.sight, world.now).rollout;
  EXPECT_EQ(world.state(), State::Restoring);
  EXPECT_EQ(world.rollout->reason, "version 2 does harm: as told");
  EXPECT_FALSE(world.rollout->winner);
  world.serve(asked);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
  EXPECT_EQ(world.weights(), "2500 10000 0") << "what came after all is taken back as well";
}

TEST(Next, who_completes_a_rollout_that_goes_back_by_hand_alone_has_the_last_word) {
  World world = refused_end();
  world.plan.automation.roll_back = false;
  world.judge(Verdict::Fail);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Completed);
}

TEST(Next, a_version_that_fails_to_load_goes_back_while_the_next_step_is_refused) {
  World world = refused();
  world.sight.is_live = false;
  world.sight.load_failure = "version 2: out of memory";
  world.look();
  EXPECT_EQ(world.state(), State::Restoring);
}

TEST(Next, a_version_that_fails_to_load_while_it_is_observed_goes_back) {
  World world(Plan{{{BlueGreen{}}}});
  world.run(5s);
  ASSERT_EQ(world.state(), State::Observing);
  world.sight.is_live = false;
  world.sight.load_failure = "version 2: out of memory";
  world.run(5s);
  EXPECT_EQ(world.state(), State::Restoring) << "control is not live in this world";
  EXPECT_EQ(world.rollout->reason, "cannot be served: version 2: out of memory");
  EXPECT_EQ(world.weights(), "0 0");
}

TEST(Next, without_automatic_rollback_a_version_that_fails_to_load_pauses) {
  World world(canary());
  world.plan.automation.roll_back = false;
  world.run(5s);
  world.sight.is_live = false;
  world.sight.load_failure = "version 2: out of memory";
  world.run(1h);
  EXPECT_EQ(world.state(), State::Observing);
  ASSERT_TRUE(world.rollout->paused);
  EXPECT_EQ(world.rollout->paused->reason, "cannot be served: version 2: out of memory; rolling back is by hand");
}

TEST(Next, where_control_fails_to_load_it_holds_as_going_back_would_not_help) {
  for (const Duration at : {Duration(2s), Duration(10s)}) {
    World world(canary());
    world.judge(Verdict::Pass, true);
    world.run(at);
    world.sight.is_live = false;
    world.sight.load_failure = "version 1: out of memory";
    world.run(2h);
    EXPECT_EQ(world.weights(), "100");
    EXPECT_NE(world.look().holding.find("version 1: out of memory"), std::string::npos);
  }
}

TEST(Next, what_is_not_live_is_not_observed_and_not_promoted) {
  World world(Plan{{{BlueGreen{}}}});
  world.run(5s);
  const Duration dwelt = world.rollout->dwelt;
  world.sight.is_live = false;
  world.run(3h);
  EXPECT_EQ(world.state(), State::Observing);
  EXPECT_EQ(world.rollout->dwelt, dwelt);
  EXPECT_EQ(world.weights(), "0");
  EXPECT_EQ(world.look().holding, "waits until every version is loaded again");
  world.sight.is_live = true;
  world.run(2h);
  EXPECT_EQ(world.state(), State::Completed);
}

TEST(Next, promotion_waits_for_a_window_and_rollback_does_not) {
  World world(canary());
  world.plan.automation.windows = {{9 * 60, 10 * 60}};  // Monday 09:00 to 10:00
  world.judge(Verdict::Pass, true);
  world.run(8h);
  EXPECT_EQ(world.weights(), "100");
  world.run(2h);
  EXPECT_EQ(world.weights(), "100 500 1000 2500 5000 9900");
  world.judge(Verdict::Fail);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
}

TEST(Next, a_step_that_asks_for_an_approval_waits_for_it) {
  World world(Plan{{{Canary{.weights = {{500}}}}, {BlueGreen{}, true}}});
  world.judge(Verdict::Pass, true);
  world.run(10min);
  EXPECT_EQ(world.state(), State::AwaitingApproval);
  EXPECT_EQ(world.weights(), "500");
  ASSERT_TRUE(world.command(Approve{}));
  world.run(2h);
  EXPECT_EQ(world.state(), State::Completed);
}

TEST(Next, a_word_for_the_end_is_no_substitute_for_evidence_that_is_gone) {
  Plan plan{{{Canary{.weights = {{500}}}}}};
  plan.approval_to_complete = true;
  World world(plan);
  world.judge(Verdict::Pass, true);
  world.run(1h);
  ASSERT_EQ(world.state(), State::AwaitingApproval);
  world.judge(Verdict::Inconclusive);
  ASSERT_TRUE(world.command(Approve{}));
  world.run(1h);
  EXPECT_EQ(world.state(), State::AwaitingApproval);
  EXPECT_EQ(world.look().holding, "approved; as told");
  world.judge(Verdict::Pass, true);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Completed);
}

TEST(Next, an_approved_end_of_several_candidates_takes_the_one_that_passed_and_no_other) {
  Plan plan{{{Bandit{}}}};
  plan.approval_to_complete = true;
  World world(plan, {2, 3});
  world.run(5s);
  world.judge(Verdict::Fail, false, 0);
  world.judge(Verdict::Pass, true, 1);
  world.run(2h);
  ASSERT_EQ(world.state(), State::AwaitingApproval);
  world.judge(Verdict::Inconclusive, false, 0);
  world.judge(Verdict::Inconclusive, false, 1);
  ASSERT_TRUE(world.command(Approve{}));
  world.run(1h);
  EXPECT_EQ(world.state(), State::AwaitingApproval) << "version 2 did harm, and of version 3 nothing is known";
  world.judge(Verdict::Pass, true, 1);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Completed);
  EXPECT_EQ(world.rollout->winner, 3u);
}

TEST(Next, a_bandit_follows_the_rewards_within_floor_and_step) {
  World world(Plan{{{Bandit{}}}});
  world.sight.rewards = {{1'000, 0.10, 0.09}, {1'000, 0.30, 0.21}};
  world.run(21min);
  EXPECT_EQ(world.weights(), "5000 6000 7000 8000 9000");
  world.run(20min);
  EXPECT_EQ(world.weights(), "5000 6000 7000 8000 9000 9500") << "control keeps the floor of 5 %";
  world.judge(Verdict::Pass);
  world.run(30min);
  EXPECT_EQ(world.state(), State::Completed);
}

TEST(Next, an_arm_that_does_harm_is_frozen_and_the_others_go_on) {
  World world(Plan{{{Bandit{}}}}, {2, 3});
  world.run(5s);
  world.judge(Verdict::Fail, false, 0);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Observing);
  EXPECT_EQ(world.sight.served->shares, (std::vector<model::Share>{{1, {7'500}}, {2, {0}}, {3, {2'500}}}));
  world.judge(Verdict::Fail, false, 1);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
}

}  // namespace
}  // namespace slipway::rollout
