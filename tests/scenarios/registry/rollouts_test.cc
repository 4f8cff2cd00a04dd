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
  void end_it() {
    auto stored = rollouts.rollout(1).value();
    stored->record.state.state = rollout::State::Aborted;
    ASSERT_TRUE(rollouts.put(stored->record, stored->revision, {}).ok());
  }
  Result<std::uint64_t> step() {
    registry::Author author{"eva", "because"};
    author.rollout = 1;
    auto split = model::TrafficSplit::parse({{1, {9'000}}, {2, {1'000}}}).value();
    return registry->deploy("production", name("fraud"), split, {}, author);
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
