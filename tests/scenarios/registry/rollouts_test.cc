// While a rollout is open, it alone changes what its model serves there, and its versions stay.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;

class Rollouts : public House {
 protected:
  // From version 1 to 2 of "fraud" in production, of three versions.
  void given_an_open_rollout() {
    given_versions(3);
    live(1);
    begin();
  }
  void begin() {
    ports::RolloutRecord record{
        .state = rollout::open(rollout::Plan{{rollout::Stage{}}}, "production", name("fraud"), 1, {2}, clock.wall_now())
                     .value()};
    ASSERT_TRUE(rollouts.add(record, {.number = 1}, 0).ok());
  }
  void end_it() { move_to(rollout::State::Aborted); }
  void move_to(rollout::State state) {
    auto stored = rollouts.rollout(1).value();
    stored->record.state.state = state;
    ASSERT_TRUE(rollouts.put(stored->record, stored->revision, {}).ok());
  }
  Result<std::uint64_t> step() { return step({{1, {9'000}}, {2, {1'000}}}); }
  Result<std::uint64_t> step(const std::vector<model::Share>& shares) {
    registry::Author author{"rollout 1", "because"};
    author.rollout = 1;
    return registry->deploy("production", name("fraud"), model::TrafficSplit::parse(shares).value(), {}, author);
  }
  // From version 1 to 2, each with its approval, where somebody's word is asked for.
  void given_one_that_was_approved() {
    rules = {{{.models = access::NamePattern::parse("fr*").value(),
               .environment = "production",
               .approvals = 1,
               .aliases = {alias("production")}}}};
    restart();
    given_versions(3);
    for (const model::VersionNumber version : {1, 2}) {
      ASSERT_TRUE(registry->approve(name("fraud"), version, "production", {}, {"max", "reviewed"}).ok());
    }
    live(1);
    begin();
    move_to(rollout::State::Applying);
  }
  void revoke(model::VersionNumber version) {
    const auto given = registry->approvals(name("fraud"), version).value().given;
    ASSERT_EQ(given.size(), 1U);
    ASSERT_TRUE(registry->revoke_approval(name("fraud"), version, given[0].id, {"max", "a doubt"}).ok());
  }
};

TEST_F(Rollouts, others_deploy_roll_back_and_undeploy_only_when_it_is_over) {
  given_an_open_rollout();
  EXPECT_EQ(message(deploy(3)),
            "rollout 1 of model \"fraud\" is open in production: abort it first, or wait for its end");
  EXPECT_EQ(rolled_back(), "Conflict");
  EXPECT_EQ(outcome(registry->undeploy("production", name("fraud"), eva)), "Conflict");
  end_it();
  EXPECT_EQ(outcome(deploy(3)), "ok");
}

TEST_F(Rollouts, its_own_steps_and_other_environments_are_free) {
  given_an_open_rollout();
  EXPECT_EQ(outcome(step()), "ok");
  EXPECT_EQ(outcome(deploy(3, "staging")), "ok");
}

TEST_F(Rollouts, its_way_back_is_never_refused_by_a_policy) {
  given_one_that_was_approved();
  ASSERT_EQ(message(step({{1, {5'000}}, {2, {5'000}}})), "ok");
  revoke(1);
  move_to(rollout::State::Restoring);
  EXPECT_EQ(message(step({{1, {7'500}}, {2, {2'500}}})), "ok");
  EXPECT_EQ(message(step({{1, model::kWhole}})), "ok");
  EXPECT_EQ(served(), "version 1");
}

TEST_F(Rollouts, its_way_back_from_the_end_moves_the_alias_whatever_a_policy_says) {
  given_one_that_was_approved();
  ASSERT_EQ(message(step({{2, model::kWhole}})), "ok");
  EXPECT_EQ(points_to("production"), "version 2");
  revoke(1);
  move_to(rollout::State::Restoring);
  EXPECT_EQ(message(step({{1, model::kWhole}})), "ok");
  EXPECT_EQ(points_to("production"), "version 1");
}

TEST_F(Rollouts, its_candidate_gets_more_traffic_only_as_the_policies_say) {
  given_one_that_was_approved();
  ASSERT_EQ(message(step({{1, {9'000}}, {2, {1'000}}})), "ok");
  revoke(2);
  EXPECT_THAT(message(step({{1, {5'000}}, {2, {5'000}}})), HasSubstr("expects 1 approval"));
  EXPECT_THAT(message(step({{1, {9'000}}, {3, {1'000}}})), HasSubstr("expects 1 approval"));
  EXPECT_EQ(message(step({{1, model::kWhole}})), "ok");
}

TEST_F(Rollouts, a_control_has_no_way_past_the_policies_before_its_rollout_begins_or_after_it_is_over) {
  given_one_that_was_approved();
  ASSERT_EQ(message(step({{2, model::kWhole}})), "ok");
  revoke(1);
  for (const auto state : {rollout::State::Queued, rollout::State::Completed}) {
    move_to(state);
    EXPECT_THAT(message(step({{1, model::kWhole}})), HasSubstr("expects 1 approval")) << name_of(state);
  }
}

TEST_F(Rollouts, versions_it_uses_and_the_model_stay_until_it_is_over) {
  given_an_open_rollout();
  EXPECT_THAT(message(registry->remove_version(name("fraud"), 2, eva)),
              HasSubstr("is open in production and uses version 2: abort it first"));
  EXPECT_EQ(outcome(registry->retire_version(name("fraud"), 2, eva)), "Conflict");
  EXPECT_EQ(outcome(registry->rename_model(name("fraud"), name("churn"), eva)), "Conflict");
  EXPECT_EQ(outcome(registry->remove_version(name("fraud"), 3, eva)), "ok");
  end_it();
  EXPECT_EQ(outcome(registry->remove_version(name("fraud"), 2, eva)), "ok");
}

TEST_F(Rollouts, one_that_begins_while_others_deploy_is_seen_by_them_or_finds_what_they_did) {
  given_versions(3);
  live(1);
  metadata.before_commit = [this] {
    begin();
    EXPECT_EQ(outcome(step()), "ok");
  };
  EXPECT_EQ(outcome(deploy(3)), "Conflict");
  EXPECT_EQ(served(), "version 1 and 2");
}

TEST_F(Rollouts, one_that_begins_while_its_version_is_removed_keeps_it_or_finds_it_gone) {
  given_versions(3);
  live(1);
  metadata.before_commit = [this] {
    begin();
    EXPECT_EQ(outcome(registry->settle_removals(name("fraud"))), "ok");
    EXPECT_EQ(outcome(registry->version(name("fraud"), 2)), "ok");
  };
  EXPECT_EQ(outcome(registry->remove_version(name("fraud"), 2, eva)), "Conflict");
  EXPECT_EQ(outcome(registry->version(name("fraud"), 2)), "ok");
}

TEST_F(Rollouts, one_whose_record_is_broken_does_not_stand_in_the_way_back) {
  given_versions(3);
  live(1);
  live(2);
  begin();
  rollouts.is_broken = true;
  EXPECT_EQ(outcome(deploy(3)), "Conflict");
  EXPECT_EQ(rolled_back(), "version 1");
  EXPECT_EQ(outcome(registry->undeploy("production", name("fraud"), eva)), "ok");
  EXPECT_EQ(outcome(registry->remove_version(name("fraud"), 2, eva)), "Conflict");
}

}  // namespace
}  // namespace slipway::registry_scenarios
