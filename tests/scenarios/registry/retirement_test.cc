// Retirement: a version is kept and never served again; what is in use is not retired.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;

class Retirement : public House {
 protected:
  Result<model::ModelVersion> retire(model::VersionNumber number) {
    return registry->retire_version(name("fraud"), number, eva);
  }
};

TEST_F(Retirement, a_retired_version_says_so_and_why_and_keeps_its_files) {
  given_versions(1);
  const auto retired = retire(1);
  ASSERT_TRUE(retired.ok()) << message(retired);
  EXPECT_EQ(retired->stage, model::Stage::Retired);
  EXPECT_EQ(stage_of(1), "retired");
  EXPECT_EQ(reason_of(1), "because");
  EXPECT_TRUE(artifacts.contains(retired->files.front().digest).value());
}

TEST_F(Retirement, a_rejected_version_may_be_retired_and_without_a_reason_keeps_its_own) {
  probe.answer("bad", Verdict::Failed, "golden example 2 differs");
  pushed("bad");
  ASSERT_TRUE(registry->retire_version(name("fraud"), 1, {"eva", ""}).ok());
  EXPECT_EQ(reason_of(1), "golden example 2 differs");
}

TEST_F(Retirement, a_registered_version_is_not_retired) {
  probe.answer("open", Verdict::Inconclusive, "the prober timed out");
  pushed("open");
  EXPECT_THAT(message(retire(1)), HasSubstr("is registered: expected a validated or rejected version"));
  EXPECT_EQ(stage_of(1), "registered");
}

TEST_F(Retirement, what_is_served_anywhere_is_not_retired) {
  given_versions(2);
  ASSERT_TRUE(deploy(1, "staging").ok());
  EXPECT_THAT(message(retire(1)), HasSubstr("serves version 1 in staging"));
  ASSERT_TRUE(deploy(2, "staging").ok());
  EXPECT_TRUE(retire(1).ok());
}

TEST_F(Retirement, what_an_alias_points_to_is_not_retired) {
  given_versions(2);
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("champion"), 1, {}, eva).ok());
  EXPECT_THAT(message(retire(1)), HasSubstr("alias \"champion\" points to version 1"));
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("champion"), 2, {}, eva).ok());
  EXPECT_TRUE(retire(1).ok());
}

TEST_F(Retirement, a_retired_version_is_neither_deployed_nor_named_nor_verified) {
  given_versions(1);
  ASSERT_TRUE(retire(1).ok());
  EXPECT_THAT(message(deploy(1)), HasSubstr("is retired, expected validated: because"));
  EXPECT_EQ(outcome(registry->set_alias(name("fraud"), alias("champion"), 1, {}, eva)), "Conflict");
  EXPECT_EQ(outcome(registry->verify(name("fraud"), 1, eva)), "Conflict");
  EXPECT_EQ(outcome(registry->resolve({name("fraud"), {}})), "NotFound");
  EXPECT_EQ(served(), "nothing");
}

TEST_F(Retirement, a_rollback_passes_over_what_was_retired) {
  given_versions(3);
  for (const model::VersionNumber number : {1, 2, 3}) live(number);
  ASSERT_TRUE(retire(2).ok());
  EXPECT_EQ(rolled_back(), "version 1");
}

TEST_F(Retirement, the_same_content_pushed_again_becomes_a_new_version) {
  pushed("weights");
  ASSERT_TRUE(retire(1).ok());
  EXPECT_EQ(pushed("weights"), 2U);
  EXPECT_EQ(stage_of(2), "validated");
  EXPECT_EQ(stage_of(1), "retired");
}

TEST_F(Retirement, retiring_twice_is_one_line_in_the_history) {
  given_versions(1);
  ASSERT_TRUE(retire(1).ok());
  ASSERT_TRUE(retire(1).ok());
  const auto events = registry->history("fraud", 0, 2).value();
  EXPECT_EQ(events[0].action, "retire");
  EXPECT_EQ(events[0].subject, "version 1");
  EXPECT_EQ(events[0].from, "validated");
  EXPECT_EQ(events[0].to, "retired");
  EXPECT_EQ(events[0].reason, "because");
  EXPECT_EQ(events[1].action, "validate");
}

TEST_F(Retirement, a_retired_version_may_be_removed) {
  given_versions(1);
  ASSERT_TRUE(retire(1).ok());
  EXPECT_TRUE(registry->remove_version(name("fraud"), 1, eva).ok());
  EXPECT_EQ(outcome(retire(1)), "NotFound");
}

}  // namespace
}  // namespace slipway::registry_scenarios
