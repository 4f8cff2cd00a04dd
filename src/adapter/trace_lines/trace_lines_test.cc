#include "adapter/trace_lines/trace_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::trace_lines {
namespace {

using testing::HasSubstr;

Result<evidence::Observation> read(std::string_view line) {
  const std::vector<std::string> slices{"country=DE", "country=FR"};
  return TraceLines(slices).read(line);
}

std::string refusal_of(std::string_view line) {
  const auto observation = read(line);
  return observation.ok() ? "" : observation.error().message;
}

TEST(TraceLines, reads_an_answer_with_all_it_may_have) {
  const auto found =
      read(R"({"t": 1.5, "unit": "alice", "arm": "candidate", "p": 0.1, "latency_ms": 12.5, "error": true,)"
           R"( "prediction": [0.25, 7], "outcome": 1, "slices": ["country=FR", "unknown"]})");
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->t, 1.5);
  EXPECT_NE(found->unit, 0U);
  EXPECT_EQ(found->arm, stats::Arm::Candidate);
  EXPECT_EQ(found->error, true);
  EXPECT_EQ(found->latency_ms, 12.5);
  EXPECT_EQ(found->predictions[1], 7);
  EXPECT_TRUE(std::isnan(found->predictions[2]));
  EXPECT_EQ(found->outcome, 1);
  EXPECT_EQ(found->slices, 2U);
}

TEST(TraceLines, a_latency_or_prediction_alone_is_an_answer_without_error) {
  EXPECT_EQ(read(R"({"t": 0, "arm": "control", "p": 0.5, "latency_ms": Infinity})")->error, false);
  EXPECT_EQ(read(R"({"t": 0, "arm": "control", "p": 0.5, "prediction": 3})")->error, false);
  EXPECT_EQ(read(R"({"t": 0, "arm": "control", "p": 0.5, "outcome": 3})")->error, std::nullopt);
}

TEST(TraceLines, the_same_unit_is_the_same_and_another_another) {
  const auto unit = [](std::string_view name) {
    return read(R"({"t": 0, "arm": "control", "p": 0.5, "error": false, "unit": ")" + std::string(name) + "\"}")->unit;
  };
  EXPECT_EQ(unit("a"), unit("a"));
  EXPECT_NE(unit("a"), unit("b"));
  EXPECT_EQ(unit(""), 0U);
}

TEST(TraceLines, says_what_is_wrong_with_a_line) {
  EXPECT_THAT(refusal_of(""), HasSubstr("expected"));
  EXPECT_THAT(refusal_of("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(refusal_of(R"({"t": 0, "p": 0.5, "error": false})"), HasSubstr("expected \"arm\", found none"));
  EXPECT_THAT(refusal_of(R"({"t": 0, "arm": "canary", "p": 0.5, "error": false})"), HasSubstr("found \"canary\""));
  EXPECT_THAT(refusal_of(R"({"t": 0, "arm": "control", "p": 1.5, "error": false})"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(refusal_of(R"({"t": NaN, "arm": "control", "p": 0.5, "error": false})"), HasSubstr("finite"));
  EXPECT_THAT(refusal_of(R"({"t": 0, "arm": "control", "p": 0.5})"), HasSubstr("found neither"));
  EXPECT_THAT(refusal_of(R"({"t": 0, "arm": "control", "p": 0.5, "eror": false})"), HasSubstr("unknown key \"eror\""));
  EXPECT_THAT(refusal_of(R"({"t": 0, "t": 1, "arm": "control", "p": 0.5, "error": false})"), HasSubstr("again"));
  EXPECT_THAT(refusal_of(R"({"t": 0, "arm": "control", "p": 0.5, "prediction": [1,2,3,4,5]})"), HasSubstr("at most 4"));
  EXPECT_THAT(refusal_of(R"({"t": 0, "arm": "control", "p": 0.5, "error": false} x)"), HasSubstr("$"));
}

}  // namespace
}  // namespace slipway::trace_lines
