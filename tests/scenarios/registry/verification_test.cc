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

TEST_F(Verification, a_version_that_does_not_exist_is_not_found) {
  EXPECT_EQ(outcome(registry->verify(name("fraud"), 1, eva)), "NotFound");
  pushed("weights");
  EXPECT_THAT(message(registry->verify(name("fraud"), 2, eva)), HasSubstr("model \"fraud\" has no version 2"));
}

}  // namespace
}  // namespace slipway::registry_scenarios
