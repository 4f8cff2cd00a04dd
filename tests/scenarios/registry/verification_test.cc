// The stages of a version: only a Fail rejects, only a Registered version is verified.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;

class Verification : public House {};

struct Row {
  ScriptedProbe::Verdict verdict;
  const char* stage;
  const char* reason;
  const char* verified_again;  // outcome of verify() after it
};

TEST_F(Verification, the_verdict_decides_the_stage) {
  const Row rows[] = {
      {Verdict::Passed, "validated", "", "Conflict"},
      {Verdict::Failed, "rejected", "why", "Conflict"},
      {Verdict::Inconclusive, "registered", "why", "ok"},
  };
  for (const Row& row : rows) {
    const std::string content = row.stage;
    probe.answer(content, row.verdict, "why");
    const auto number = pushed(content);
    EXPECT_EQ(stage_of(number), row.stage);
    EXPECT_EQ(reason_of(number), row.reason);
    EXPECT_EQ(outcome(registry->verify(name("fraud"), number, eva)), row.verified_again) << row.stage;
  }
}

TEST_F(Verification, an_inconclusive_version_is_validated_when_asked_again) {
  probe.answer("weights", Verdict::Inconclusive, "no backend for format onnx");
  pushed("weights");
  probe.answer("weights", Verdict::Passed, "");
  const auto verified = registry->verify(name("fraud"), 1, eva);
  ASSERT_TRUE(verified.ok()) << message(verified);
  EXPECT_EQ(verified->stage, model::Stage::Validated);
  EXPECT_EQ(verified->reason, "");
}

TEST_F(Verification, a_rejection_is_final_and_tells_why_in_the_history) {
  probe.answer("weights", Verdict::Failed, "output \"p\" row 0: expected 0.5, found 0.7");
  pushed("weights");
  EXPECT_THAT(message(registry->verify(name("fraud"), 1, eva)), HasSubstr("is rejected"));
  const auto events = registry->history("fraud", 0, 1).value();
  EXPECT_EQ(events[0].action, "reject");
  EXPECT_EQ(events[0].reason, "output \"p\" row 0: expected 0.5, found 0.7");
}

TEST_F(Verification, what_the_servers_end_cut_off_is_verified_after_the_next_start) {
  probe.answer("weights", Verdict::Interrupted, "");
  pushed("weights");
  EXPECT_EQ(reason_of(1), "not verified yet");
  restart();
  probe.answer("weights", Verdict::Passed, "");
  EXPECT_EQ(registry->verify_interrupted().value(), 1U);
  EXPECT_EQ(stage_of(1), "validated");
  EXPECT_EQ(registry->verify_interrupted().value(), 0U);
}

TEST_F(Verification, what_has_an_outcome_is_left_alone_at_start) {
  probe.answer("weights", Verdict::Inconclusive, "no backend for format onnx");
  pushed("weights");
  pushed("good");
  restart();
  EXPECT_EQ(registry->verify_interrupted().value(), 0U);
  EXPECT_EQ(reason_of(1), "no backend for format onnx");
}

TEST_F(Verification, a_version_that_takes_the_server_down_gets_one_more_try_and_no_third) {
  probe.answer("weights", Verdict::Interrupted, "");
  pushed("weights");
  std::string found;
  probe.before_answer = [&] { found = reason_of(1); };  // what a start would find after a crash in here
  restart();
  probe.answer("weights", Verdict::Inconclusive, "crashed");
  EXPECT_EQ(registry->verify_interrupted().value(), 1U);
  EXPECT_THAT(found, HasSubstr("cut off by the server's end"));
}

TEST_F(Verification, a_stop_in_the_second_try_leaves_it_for_the_next_start) {
  probe.answer("weights", Verdict::Interrupted, "");
  pushed("weights");
  restart();
  EXPECT_EQ(registry->verify_interrupted().value(), 1U);
  EXPECT_EQ(reason_of(1), "not verified yet");
}

TEST_F(Verification, a_version_that_does_not_exist_is_not_found) {
  EXPECT_EQ(outcome(registry->verify(name("fraud"), 1, eva)), "NotFound");
  pushed("weights");
  EXPECT_THAT(message(registry->verify(name("fraud"), 2, eva)), HasSubstr("model \"fraud\" has no version 2"));
}

}  // namespace
}  // namespace slipway::registry_scenarios
