// What a push makes: names, numbers, and artifacts.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Push : public House {};

TEST_F(Push, a_good_package_becomes_version_one_and_is_validated) {
  const auto done = push("fraud", "|weights");
  ASSERT_TRUE(done.ok()) << message(done);
  EXPECT_TRUE(done->created);
  EXPECT_EQ(done->version.number, 1U);
  EXPECT_EQ(done->version.stage, model::Stage::Validated);
  EXPECT_EQ(done->version.reason, "");
  EXPECT_EQ(done->version.created_by, "eva");
  EXPECT_EQ(done->version.digest, model::package_digest(done->version.files));
  ASSERT_TRUE(done->version.verification);
  EXPECT_EQ(done->version.verification->golden_checked, 3U);
}

TEST_F(Push, other_content_becomes_the_next_version) {
  EXPECT_EQ(pushed("a"), 1U);
  EXPECT_EQ(pushed("b"), 2U);
}

TEST_F(Push, the_same_content_is_the_same_version_and_is_not_verified_again) {
  pushed("weights");
  const auto again = push("fraud", "|weights");
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->version.number, 1U);
  EXPECT_EQ(probe.probed, 1);
}

TEST_F(Push, the_same_content_under_another_name_is_another_model) {
  pushed("weights", "fraud");
  const auto other = push("wine", "|weights");
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(other->created);
  EXPECT_EQ(other->version.number, 1U);
}

TEST_F(Push, a_rejected_content_pushed_again_makes_a_new_version) {
  probe.answer("weights", Verdict::Failed, "golden example 1 differs");
  EXPECT_EQ(pushed("weights"), 1U);
  probe.answer("weights", Verdict::Passed, "");
  EXPECT_EQ(pushed("weights"), 2U);
  EXPECT_EQ(stage_of(1), "rejected");
  EXPECT_EQ(stage_of(2), "validated");
}

TEST_F(Push, a_registered_content_pushed_again_is_verified_again) {
  probe.answer("weights", Verdict::Inconclusive, "the prober timed out");
  pushed("weights");
  EXPECT_EQ(stage_of(1), "registered");
  probe.answer("weights", Verdict::Passed, "");
  const auto again = push("fraud", "|weights");
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->version.stage, model::Stage::Validated);
}

TEST_F(Push, a_number_is_never_given_twice_also_after_a_deletion) {
  given_versions(3);
  ASSERT_TRUE(registry->remove_version(name("fraud"), 3, eva).ok());
  EXPECT_EQ(pushed("later"), 4U);
  ASSERT_TRUE(registry->remove_model(name("fraud"), eva).ok());
  EXPECT_EQ(pushed("after all"), 5U);
}

struct Naming {
  const char* said;
  const char* manifest;
  const char* filename;
  const char* expected;
};

TEST_F(Push, the_name_is_what_was_said_else_the_manifests_else_the_files) {
  const Naming rows[] = {
      {"said", "inside", "file.onnx", "said"},
      {"", "inside", "file.onnx", "inside"},
      {"", "", "file.onnx", "file"},
      {"", "", "my.model.tar.zst", "my.model"},
      {"", "", "a.tar.gz", "a"},
      {"", "", "a.tgz", "a"},
      {"", "", "a.zip", "a"},
      {"", "", "some/where/b.onnx", "b"},
      {"", "", "C:\\models\\c.onnx", "c"},
      {"", "", "plain", "plain"},
      {"", "", "größe.onnx", "größe"},
  };
  for (const Naming& row : rows) {
    const auto done = push(row.said, std::string(row.manifest) + "|x", row.filename);
    ASSERT_TRUE(done.ok()) << row.filename << ": " << message(done);
    EXPECT_EQ(done->version.name.text(), row.expected) << row.filename;
  }
}

TEST_F(Push, a_name_that_cannot_be_is_refused_before_the_package_is_opened) {
  const auto done = push("a/b", "|weights");
  EXPECT_EQ(outcome(done), "InvalidInput");
  EXPECT_EQ(packages.opened, 0);
}

TEST_F(Push, a_file_name_that_makes_no_model_name_says_how_to_give_one) {
  const auto done = push("", "|weights", ".onnx");
  EXPECT_EQ(outcome(done), "InvalidInput");
  EXPECT_THAT(message(done), HasSubstr("say the model's name with the push"));
}

TEST_F(Push, a_broken_package_is_refused_and_leaves_nothing) {
  const auto done = push("fraud", "|broken");
  EXPECT_EQ(outcome(done), "InvalidInput");
  EXPECT_EQ(message(done), "model.onnx: truncated");
  EXPECT_EQ(outcome(registry->model(name("fraud"))), "NotFound");
  EXPECT_THAT(artifacts.list().value(), IsEmpty());
  EXPECT_THAT(registry->history("", 0, 10).value(), IsEmpty());
}

TEST_F(Push, a_push_and_its_verification_are_in_the_history) {
  pushed("weights");
  const auto events = registry->history("fraud", 0, 10).value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].action, "validate");
  EXPECT_EQ(events[0].from, "registered");
  EXPECT_EQ(events[0].to, "validated");
  EXPECT_EQ(events[1].action, "push");
  EXPECT_EQ(events[1].subject, "version 1");
  EXPECT_EQ(events[1].actor, "eva");
  EXPECT_EQ(events[1].reason, "because");
  EXPECT_EQ(events[1].at, clock.wall_now());
}

TEST_F(Push, a_reason_that_is_no_text_is_refused) {
  const auto done = registry->push({.upload = "|x", .filename = "x", .model = "x"}, {"eva", "\xFF"});
  EXPECT_EQ(outcome(done), "InvalidInput");
  const auto endless = registry->push({.upload = "|x", .filename = "x", .model = "x"}, {"eva", std::string(2001, 'a')});
  EXPECT_EQ(outcome(endless), "InvalidInput");
}

}  // namespace
}  // namespace slipway::registry_scenarios
