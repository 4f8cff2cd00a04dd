#include "service/delivery/delivery.h"

#include "service/delivery/test_delivery.h"

namespace slipway::delivery {
namespace {

using rollout::State;

constexpr std::string_view kPromoted = "1=9000 2=1000, 1=5000 2=5000, 2=10000";

TEST_F(DeliveryTest, an_equal_version_is_promoted_step_by_step) {
  ASSERT_EQ(start(request()), "started");
  run(60);
  EXPECT_EQ(state().state, State::Completed);
  EXPECT_EQ(traffic.history, kPromoted);
}

TEST_F(DeliveryTest, a_version_that_does_harm_is_taken_back_in_the_tick_that_sees_it) {
  ASSERT_EQ(start(request()), "started");
  run(5);
  evidence.said = {model::Verdict::Fail, false, "errors 9 of 100 against 1 of 900"};
  run(1);
  EXPECT_EQ(state().state, State::Aborted);
  EXPECT_EQ(state().reason, "version 2 does harm: errors 9 of 100 against 1 of 900");
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=10000");
}

TEST_F(DeliveryTest, evidence_that_cannot_be_read_holds_and_never_promotes) {
  ASSERT_EQ(start(request()), "started");
  evidence.failure = "the log is on another disk";
  run(100);
  EXPECT_EQ(traffic.history, "1=9000 2=1000");
  EXPECT_EQ(delivery->rollout(1)->holding, "the evidence cannot be read: the log is on another disk");
}

TEST_F(DeliveryTest, a_clock_that_is_set_holds_until_it_went_evenly_and_harm_goes_back_meanwhile) {
  ASSERT_EQ(start(request()), "started");
  run(5);
  for (const Duration set : {Duration(std::chrono::hours(3)), Duration(-std::chrono::hours(21))}) {
    clock.set = set;
    run(29);
    EXPECT_EQ(traffic.history, "1=9000 2=1000") << "a step of 20 s";
    EXPECT_EQ(delivery->rollout(1)->holding.substr(0, 22),
              "the clock was set " + std::string(set > Duration{0} ? "forw" : "back"));
  }
  run(2);
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=5000 2=5000");
  clock.set = {};
  run(1);
  evidence.said = {model::Verdict::Fail, false, "errors"};
  run(1);
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=5000 2=5000, 1=10000");
}

TEST_F(DeliveryTest, every_decision_is_recorded_with_what_it_was_made_of) {
  ASSERT_EQ(start(request()), "started");
  run(60);
  const auto decisions = delivery->decisions(1, 0, 100).value();
  ASSERT_EQ(decisions.size(), 7u) << "started; entered and served, twice; to the end; completed";
  EXPECT_EQ(decisions.back().action, "start");
  EXPECT_EQ(decisions.back().actor, "ann");
  EXPECT_EQ(decisions.front().state, State::Completed);
  EXPECT_EQ(decisions[3].evidence.substr(0, 9), "{\"looks\":");
  EXPECT_EQ(decisions[3].program, "test");
  for (std::size_t i = 0; i < decisions.size(); ++i) EXPECT_EQ(decisions[i].number, decisions.size() - i);
}

TEST_F(DeliveryTest, a_version_does_not_wait_for_a_rollout_that_gives_it_all_traffic) {
  ASSERT_EQ(start(request()), "started");
  EXPECT_EQ(start(request(kPlan, Turn::MayQueue)),
            "InvalidInput: version 2 has all traffic once rollout 1, which this one waits for, is completed");
}

TEST_F(DeliveryTest, one_rollout_of_a_model_is_open_in_an_environment_and_others_may_queue) {
  ASSERT_EQ(start(request()), "started");
  EXPECT_EQ(
      start(request()),
      "Conflict: rollout 1 of model \"fraud\" is open in production: wait for its end, abort it, or queue this one");
  auto next = request(kPlan, Turn::MayQueue);
  next.candidates = {3};
  ASSERT_EQ(start(next), "started");
  run(30);
  EXPECT_EQ(state(2).state, State::Queued);
  run(90);
  EXPECT_EQ(state(2).state, State::Completed);
  EXPECT_EQ(traffic.here->traffic.shares[0].version, 3u);
}

TEST_F(DeliveryTest, what_cannot_be_rolled_out_is_refused_with_the_reason) {
  EXPECT_EQ(start(request("preset: cannary\n")).substr(0, 48), "InvalidInput: plan:1:9: preset: expected one of ");
  EXPECT_EQ(start(request("preset: shadow\n")),
            "Unimplemented: plan: a stage mirrors traffic, which this server does not do");
  auto unknown = request();
  unknown.candidates = {99};
  EXPECT_EQ(start(unknown), "Conflict: version 99 is registered, expected validated");
  unknown.candidates = {1};
  EXPECT_EQ(start(unknown), "InvalidInput: version 1 has the traffic already");
  EXPECT_EQ(delivery->start(request(), {{"ann", ""}}).error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(start(request(std::string(kLongestPlan + 1, '#'))).substr(0, 26), "InvalidInput: plan: expect");
  traffic.here->traffic = {{{1, {5'000}}, {4, {5'000}}}, {}};
  EXPECT_EQ(
      start(request()),
      "Conflict: model \"fraud\" serves 1=5000 4=5000 in production, expected one version with all traffic: deploy "
      "one first");
  traffic.here.reset();
  EXPECT_EQ(start(request()), "NotFound: nothing is served");
}

TEST_F(DeliveryTest, commands_and_looks_are_decisions_and_events_of_the_history) {
  ASSERT_EQ(start(request()), "started");
  run(5);
  EXPECT_EQ(command(rollout::PauseNow{}), "done");
  run(60);
  EXPECT_EQ(traffic.history, "1=9000 2=1000");
  EXPECT_EQ(command(rollout::Abort{}, "bob"), "done");
  run(2);
  EXPECT_EQ(state().state, State::Aborted);
  EXPECT_EQ(command(rollout::Abort{}), "Conflict: cannot abort a rollout that is aborted");
  std::vector<std::string> told;
  const auto events = registry.history("fraud", 0, 99).value();
  for (const model::Event& each : events) told.push_back(each.actor + ": " + each.to);
  EXPECT_EQ(told, (std::vector<std::string>{"rollout 1: aborted 1=10000", "bob: abort", "ann: pause",
                                            "rollout 1: observing 1=9000 2=1000", "rollout 1: applying 1=9000 2=1000",
                                            "ann: start"}));
  EXPECT_EQ(delivery->command(7, rollout::Abort{}, {{"ann", "x"}}).error().code, ErrorCode::NotFound);
}

TEST_F(DeliveryTest, a_word_for_a_step_is_one_of_the_registry_and_not_by_who_made_the_version) {
  ASSERT_EQ(start(request(std::string(kPlan) + "approval_to_complete: true\n")), "started");
  run(100);
  EXPECT_EQ(state().state, rollout::State::AwaitingApproval);
  EXPECT_EQ(command(rollout::Approve{}, "maker"), "Denied: maker made version 2: somebody else must approve it");
  EXPECT_EQ(state().approved, std::nullopt);
  EXPECT_EQ(command(rollout::Approve{}, "max"), "done");
  EXPECT_EQ(traffic.words, std::vector<std::string>{"max"});
  run(5);
  EXPECT_EQ(state().state, rollout::State::Completed);
}

TEST_F(DeliveryTest, a_step_waits_until_there_are_as_many_words_as_the_policy_asks) {
  traffic.words_expected = 2;
  ASSERT_EQ(start(request(std::string(kPlan) + "approval_to_complete: true\n")), "started");
  run(100);
  ASSERT_EQ(command(rollout::Approve{}, "max"), "done");
  run(5);
  EXPECT_EQ(state().state, rollout::State::AwaitingApproval);
  EXPECT_EQ(delivery->rollout(1)->holding, "approved, and not enough: 2 approvals are expected, found 1");
  EXPECT_EQ(command(rollout::Promote{.to_the_end = true}),
            "Conflict: the end of the rollout asks for an approval, and the one it has is not enough: 2 approvals are "
            "expected, found 1");
  EXPECT_EQ(command(rollout::Approve{}, "eva"), "done");
  run(1);
  EXPECT_NE(state().state, rollout::State::AwaitingApproval);
}

TEST_F(DeliveryTest, a_word_that_was_taken_back_before_it_is_used_counts_no_more) {
  ASSERT_EQ(start(request(std::string(kPlan) + "approval_to_complete: true\n")), "started");
  run(5);
  ASSERT_EQ(command(rollout::Approve{}, "max"), "done");
  traffic.words.clear();
  run(100);
  EXPECT_EQ(state().state, rollout::State::AwaitingApproval);
  traffic.words = {"eva"};
  run(5);
  EXPECT_EQ(state().state, rollout::State::Completed);
}

TEST_F(DeliveryTest, a_server_that_cannot_read_the_evidence_does_not_go_on_by_a_word_and_the_one_that_can_does) {
  ASSERT_EQ(start(request(std::string(kPlan) + "approval_to_complete: true\n")), "started");
  run(100);
  ASSERT_EQ(state().state, State::AwaitingApproval);
  evidence.failure = "another server gathers it";
  ASSERT_EQ(command(rollout::Approve{}, "max"), "done");
  run(60);
  EXPECT_EQ(state().state, State::AwaitingApproval);
  EXPECT_EQ(delivery->rollout(1)->holding, "approved; the evidence cannot be read: another server gathers it");
  evidence.failure.clear();
  run(5);
  EXPECT_EQ(state().state, State::Completed);
}

TEST_F(DeliveryTest, traffic_that_cannot_be_changed_is_told_and_tried_again) {
  ASSERT_EQ(start(request()), "started");
  deaths.one_in = 1;
  run(3);
  EXPECT_EQ(traffic.history, "");
  deaths.one_in = 0;
  run(60);
  EXPECT_EQ(traffic.history, kPromoted);
}

TEST_F(DeliveryTest, traffic_that_is_refused_is_asked_for_less_and_less_often) {
  ASSERT_EQ(start(request()), "started");
  traffic.refuses = true;
  const auto run_at_20_hz = [&](int seconds) {
    for (int i = 0; i < 20 * seconds; ++i) {
      clock.advance(std::chrono::milliseconds(50));
      delivery->tick();
    }
  };
  run_at_20_hz(60);
  EXPECT_EQ(traffic.asked, 6) << "at once, and 1, 3, 7, 15 and 31 seconds later";
  EXPECT_EQ(delivery->rollout(1)->holding, "serving 1=9000 2=1000: a policy forbids it");
  traffic.refuses = false;
  run_at_20_hz(30);
  EXPECT_EQ(traffic.history.substr(0, 13), "1=9000 2=1000");
}

TEST_F(DeliveryTest, harm_is_found_at_once_while_the_next_step_is_refused) {
  ASSERT_EQ(start(request()), "started");
  run(5);
  traffic.refuses = true;
  run(60);
  EXPECT_EQ(state().position, 1u);
  EXPECT_EQ(state().state, State::Applying);
  evidence.said = {model::Verdict::Fail, false, "errors"};
  run(1);
  EXPECT_EQ(state().state, State::Restoring);
  traffic.refuses = false;
  run(1);
  EXPECT_EQ(state().state, State::Aborted);
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=10000");
}

TEST_F(DeliveryTest, harm_is_found_at_once_while_the_end_is_refused) {
  ASSERT_EQ(start(request()), "started");
  run(30);
  traffic.refuses = true;
  run(60);
  ASSERT_EQ(state().state, State::Completing);
  evidence.said = {model::Verdict::Fail, false, "errors"};
  run(1);
  EXPECT_EQ(state().state, State::Restoring);
  traffic.refuses = false;
  run(1);
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=5000 2=5000, 1=10000");
}

TEST_F(DeliveryTest, a_way_back_that_fails_can_be_given_up_and_says_what_is_still_served) {
  ASSERT_EQ(start(request()), "started");
  run(5);
  traffic.refuses = true;
  EXPECT_EQ(command(rollout::Abort{}), "done");
  run(9);
  EXPECT_EQ(state().state, State::Restoring);
  EXPECT_EQ(command(rollout::Abort{}),
            "Conflict: cannot abort a rollout that is restoring: all traffic is on its way back to version 1; where "
            "that fails for 10s, an abort ends the rollout with what is served then");
  run(1);
  EXPECT_EQ(command(rollout::Abort{}, "bob"), "done");
  EXPECT_EQ(state().state, State::Aborted);
  EXPECT_EQ(state().reason, "given up by bob: because; still served: 1=9000 2=1000");
  run(1);
  EXPECT_FALSE(delivery->has_open());
}

// Killed at any call, before or after it did its work, and started anew.
TEST_F(DeliveryTest, killed_at_any_point_it_goes_through_the_same_traffic) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    traffic.here = ports::ServedTraffic{{{{1, model::kWhole}}, {}}, 5, true, {}};
    traffic.history.clear();
    deaths.random = stats::Xoshiro256(seed);
    ASSERT_EQ(start(request()), "started");
    deaths.one_in = 3 + seed % 9;
    for (int i = 0; i < 3'000 && !rollout::is_over(state(seed).state); ++i) {
      run(1);
      if (deaths.now()) restart();
    }
    deaths.one_in = 0;
    EXPECT_EQ(state(seed).state, State::Completed) << "seed " << seed;
    ASSERT_EQ(traffic.history, kPromoted) << "seed " << seed;
  }
}

TEST_F(DeliveryTest, killed_between_its_stores_it_tells_the_history_every_decision_once_and_in_order) {
  deaths.random = stats::Xoshiro256(7);
  ASSERT_EQ(start(request()), "started");
  deaths.one_in = 4;
  for (int i = 0; i < 500; ++i) {
    run(1);
    if (deaths.now()) restart();
  }
  deaths.one_in = 0;
  run(1);
  auto made = store.memory.decisions(1, 0, 99).value();
  const auto events = registry.history("fraud", 0, 99).value();
  ASSERT_EQ(events.size(), made.size());
  for (std::size_t i = 0; i < made.size(); ++i) EXPECT_EQ(events[i].reason, made[i].reason);
}

TEST_F(DeliveryTest, of_two_that_start_at_once_only_one_is_begun) {
  std::string other;
  store.before_add = [&] { other = start(request()); };
  EXPECT_EQ(
      start(request()),
      "Conflict: rollout 1 of model \"fraud\" is open in production: wait for its end, abort it, or queue this one");
  EXPECT_EQ(other, "started");
  auto next = request(kPlan, Turn::MayQueue);
  next.candidates = {3};
  store.before_add = [&] {
    auto between = request(kPlan, Turn::MayQueue);
    between.candidates = {4};
    other = start(between);
  };
  EXPECT_EQ(start(next), "started");
  EXPECT_EQ(state(3).control, 4u) << "what the one before it will have brought";
}

TEST_F(DeliveryTest, an_abort_while_traffic_is_being_moved_ends_with_control) {
  ASSERT_EQ(start(request()), "started");
  traffic.before_serve = [&] { EXPECT_EQ(command(rollout::Abort{}), "done"); };
  run(4);
  EXPECT_EQ(state().state, State::Aborted);
  EXPECT_EQ(state().reason, "aborted by ann: because");
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=10000");
}

TEST_F(DeliveryTest, a_request_that_is_sent_again_is_decided_once) {
  const ports::IdempotencyRecord mark{.key = sha256(as_bytes("k")), .request = {}};
  ASSERT_TRUE(delivery->start(request(), {{"ann", "new"}, mark}).ok());
  const auto again = delivery->command(1, rollout::PauseNow{}, {{"ann", "new"}, mark});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().message, "this request was applied already: it led to decision 1 of rollout 1");
}

TEST_F(DeliveryTest, a_version_that_is_taken_away_meanwhile_ends_the_rollout_before_it_begins) {
  traffic.servable_asks = 2;
  EXPECT_EQ(start(request()), "NotFound: version 2 was removed");
  EXPECT_EQ(state().reason, "withdrawn: version 2 was removed");
  EXPECT_EQ(start(request()), "started");
}

TEST_F(DeliveryTest, a_version_that_is_taken_away_while_a_tick_begins_its_rollout_ends_it_all_the_same) {
  traffic.servable_asks = 2;
  traffic.when_gone = [this] { delivery->tick(); };
  EXPECT_EQ(start(request()), "NotFound: version 2 was removed");
  EXPECT_EQ(state().reason, "aborted by ann: withdrawn: version 2 was removed");
  run(2);
  EXPECT_EQ(state().state, State::Aborted);
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=10000");
  traffic.servable_asks = 2;
  traffic.when_gone = [this] { EXPECT_TRUE(delivery->command(2, rollout::PauseNow{}, {{"bob", "x"}}).ok()); };
  EXPECT_EQ(start(request()), "NotFound: version 2 was removed");
  EXPECT_EQ(state(2).reason, "withdrawn: version 2 was removed");
}

TEST_F(DeliveryTest, a_registry_that_is_away_for_a_moment_ends_no_rollout) {
  traffic.servable_asks = 2;
  traffic.gone = ErrorCode::Unavailable;
  EXPECT_EQ(start(request()), "started");
  run(60);
  EXPECT_EQ(state().state, State::Completed);
}

TEST_F(DeliveryTest, a_command_that_is_sent_again_is_told_that_it_was_done) {
  ASSERT_EQ(start(request()), "started");
  run(3);
  const auto say = [&](const rollout::Command& command, const char* key) {
    const auto done =
        delivery->command(1, command, {{"ann", "x"}, ports::IdempotencyRecord{.key = sha256(as_bytes(key))}});
    return done.ok() ? std::string(name_of(done->record.state.state)) : done.error().message;
  };
  const rollout::SetWeight quarter{{2'500}};
  EXPECT_EQ(say(quarter, "weight"), "applying");
  EXPECT_EQ(say(quarter, "weight"), "applying");
  run(2);
  EXPECT_EQ(say(quarter, "weight"), "observing") << "it could be done once more, and is not";
  EXPECT_EQ(say(rollout::SetWeight{{2'600}}, "weight").substr(0, 32), "this request was applied already");
  EXPECT_EQ(say(rollout::Abort{}, "abort"), "restoring");
  EXPECT_EQ(say(rollout::Abort{}, "abort"), "restoring");
  run(2);
  EXPECT_EQ(say(rollout::Abort{}, "abort"), "aborted");
  EXPECT_EQ(say(rollout::Abort{}, "another"), "cannot abort a rollout that is aborted");
  EXPECT_EQ(store.memory.decisions(1, 0, 99)->size(), 7U);
}

TEST_F(DeliveryTest, who_begins_a_rollout_claims_its_evidence_before_it_is_served) {
  ASSERT_EQ(start(request()), "started");
  std::string claimed;
  traffic.before_serve = [&] { claimed = store.memory.rollout(1).value()->record.evidence; };
  run(1);
  EXPECT_EQ(claimed, "1");
}

TEST_F(DeliveryTest, a_broken_record_stops_its_own_rollout_alone) {
  ASSERT_EQ(start(request()), "started");
  auto other = request();
  other.model = *model::ModelName::parse("churn");
  store.broken = 1;
  ASSERT_EQ(start(other), "started");
  run(3);
  EXPECT_EQ(state(2).state, State::Observing);
  EXPECT_EQ(state(1).state, State::Queued);
}

TEST_F(DeliveryTest, a_plan_that_can_no_longer_be_read_does_not_keep_a_rollout_from_being_aborted) {
  ASSERT_EQ(start(request()), "started");
  run(2);
  auto stored = *store.memory.rollout(1).value();
  stored.record.plan = "preset: of an older program";
  ASSERT_TRUE(store.memory.put(stored.record, stored.revision, {}).ok());
  restart();
  run(2);
  EXPECT_EQ(delivery->rollout(1)->holding.substr(0, 38), "the plan it was started with:1:9: pres");
  EXPECT_EQ(command(rollout::PauseNow{}).substr(0, 12), "InvalidInput");
  EXPECT_EQ(command(rollout::Abort{}), "done");
  run(2);
  EXPECT_EQ(state().state, State::Aborted);
}

TEST_F(DeliveryTest, other_environments_are_other_servers_affair) {
  ASSERT_EQ(start(request()), "started");
  restart("staging");
  run(3);
  EXPECT_EQ(state().state, State::Queued);
  EXPECT_EQ(start(request()),
            "InvalidInput: environment: this server carries out rollouts in staging, found production: "
            "ask a server that serves it");
}

TEST_F(DeliveryTest, several_servers_on_one_store_do_each_step_once) {
  ASSERT_EQ(start(request()), "started");
  const auto first = std::move(delivery);
  restart();
  for (int i = 0; i < 100; ++i) {
    clock.advance(std::chrono::seconds(1));
    first->tick();
    delivery->tick();
  }
  EXPECT_EQ(state().state, State::Completed);
  EXPECT_EQ(traffic.history, kPromoted);
}

}  // namespace
}  // namespace slipway::delivery
