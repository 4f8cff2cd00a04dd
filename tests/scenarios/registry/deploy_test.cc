// Desired serving: what may be deployed, by compare-and-set, and what moves with it.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;

class Deploy : public House {
 protected:
  Result<std::uint64_t> split(std::vector<model::Share> shares, std::optional<std::uint64_t> expected = {}) {
    return registry->deploy("production", name("fraud"), model::TrafficSplit::parse(std::move(shares)).value(),
                            expected, eva);
  }
};

TEST_F(Deploy, a_validated_version_is_desired_from_then_on) {
  given_versions(1);
  EXPECT_EQ(deploy(1).value(), 1U);
  EXPECT_EQ(served(), "version 1");
  EXPECT_EQ(desired_changes, 1);
}

TEST_F(Deploy, only_validated_versions_are_deployed) {
  probe.answer("bad", Verdict::Failed, "golden example 2 differs");
  probe.answer("open", Verdict::Inconclusive, "the prober timed out");
  pushed("bad");
  pushed("open");
  EXPECT_THAT(message(deploy(1)), HasSubstr("is rejected, expected validated: golden example 2 differs"));
  EXPECT_THAT(message(deploy(2)), HasSubstr("is registered, expected validated: the prober timed out"));
  EXPECT_EQ(outcome(deploy(3)), "NotFound");
  EXPECT_EQ(served(), "nothing");
  EXPECT_EQ(desired_changes, 0);
}

TEST_F(Deploy, an_environment_must_be_a_name) {
  given_versions(1);
  EXPECT_EQ(outcome(deploy(1, "Prod uction")), "InvalidInput");
}

TEST_F(Deploy, each_environment_has_its_own_state) {
  given_versions(2);
  ASSERT_TRUE(deploy(1, "production").ok());
  ASSERT_TRUE(deploy(2, "staging").ok());
  EXPECT_EQ(served("production"), "version 1");
  EXPECT_EQ(served("staging"), "version 2");
}

TEST_F(Deploy, a_deploy_on_a_stale_revision_is_refused) {
  given_versions(3);
  EXPECT_EQ(split({{1, {10'000}}}, 0).value(), 1U);
  EXPECT_EQ(outcome(split({{2, {10'000}}}, 0)), "Conflict");
  EXPECT_EQ(split({{2, {10'000}}}, 1).value(), 2U);
  EXPECT_THAT(message(split({{3, {10'000}}}, 1)), HasSubstr("expected revision 1, found 2"));
  EXPECT_EQ(served(), "version 2");
}

TEST_F(Deploy, deploying_what_is_deployed_keeps_its_revision_but_asks_serving_again) {
  given_versions(1);
  EXPECT_EQ(deploy(1).value(), 1U);
  EXPECT_EQ(deploy(1).value(), 1U);
  EXPECT_EQ(desired_changes, 2);
  EXPECT_EQ(rolled_back(), "Conflict");
}

TEST_F(Deploy, all_of_production_moves_the_alias_in_the_same_transaction) {
  given_versions(2);
  ASSERT_TRUE(deploy(1).ok());
  EXPECT_EQ(points_to("production"), "version 1");
  ASSERT_TRUE(deploy(2).ok());
  EXPECT_EQ(points_to("production"), "version 2");
  const auto events = registry->history("fraud", 0, 2).value();
  EXPECT_EQ(events[0].action, "alias");
  EXPECT_EQ(events[1].action, "deploy");
  EXPECT_EQ(events[1].from, "version 1");
  EXPECT_EQ(events[1].to, "version 2");
}

TEST_F(Deploy, a_part_of_production_or_all_of_staging_moves_no_alias) {
  given_versions(2);
  ASSERT_TRUE(deploy(1).ok());
  ASSERT_TRUE(split({{1, {9'000}}, {2, {1'000}}}).ok());
  ASSERT_TRUE(deploy(2, "staging").ok());
  EXPECT_EQ(points_to("production"), "version 1");
  EXPECT_EQ(registry->history("fraud", 0, 2).value()[1].to, "version 1 at 90 %, version 2 at 10 %");
}

TEST_F(Deploy, deploying_the_present_version_brings_back_an_alias_that_was_moved_away) {
  given_versions(2);
  ASSERT_TRUE(deploy(1).ok());
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("production"), 2, {}, eva).ok());
  EXPECT_EQ(served(), "version 1");
  EXPECT_EQ(deploy(1).value(), 1U);
  EXPECT_EQ(points_to("production"), "version 1");
}

TEST_F(Deploy, an_alias_moves_no_traffic) {
  given_versions(2);
  ASSERT_TRUE(deploy(1).ok());
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("production"), 2, {}, eva).ok());
  EXPECT_EQ(served(), "version 1");
}

TEST_F(Deploy, an_undeployed_model_is_desired_no_more_and_its_revisions_go_on) {
  given_versions(2);
  EXPECT_EQ(deploy(1).value(), 1U);
  ASSERT_TRUE(registry->undeploy("production", name("fraud"), eva).ok());
  EXPECT_EQ(served(), "nothing");
  EXPECT_EQ(outcome(registry->undeploy("production", name("fraud"), eva)), "NotFound");
  EXPECT_EQ(deploy(1).value(), 2U);
}

TEST_F(Deploy, a_split_over_very_many_versions_is_refused) {
  std::vector<model::Share> shares;
  for (model::VersionNumber i = 1; i <= 40; ++i) shares.push_back({i, {250}});
  EXPECT_EQ(outcome(split(std::move(shares))), "InvalidInput");
}

}  // namespace
}  // namespace slipway::registry_scenarios
