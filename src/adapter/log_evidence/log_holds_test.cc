// When nothing may go on, whatever the records say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/log_evidence/log_fixture.h"

namespace slipway::log_evidence {
namespace {

using model::Verdict;
using testing::HasSubstr;

using LogHolds = LogFixture;

TEST_F(LogHolds, a_log_that_cannot_be_read_is_told_and_read_on_later) {
  begin();
  serve(300);
  log.failure = "the disk is gone";
  EXPECT_EQ(look().reason, "Unavailable: the disk is gone");
  log.failure.clear();
  look();
  serve(300);
  look();
  const std::string later = inputs;
  EXPECT_THAT(later, HasSubstr("\"gaps\": 0"));
  std::uint64_t answers = 0;
  for (const char* arm : {"\"version\": 1, \"answers\": ", "\"version\": 2, \"answers\": "}) {
    answers += std::stoul(later.substr(later.find(arm) + std::string(arm).size()));
  }
  EXPECT_EQ(answers, 600U);
}

TEST_F(LogHolds, a_gap_in_the_log_holds_and_does_not_keep_harm_from_being_seen) {
  begin();
  FailingLog small(500);
  Traffic more(small, 2);
  evidence = std::make_unique<LogEvidence>(LogEvidence::Parts{
      .predictions = small,
      .environment = "production",
      .log = [] { return Result<std::string>("here"); },
      .read_plan = [](std::string_view yaml) { return plan_yaml::read_evidence_plan(yaml, "plan"); }});
  more.serve(10, split, kServed);
  look();
  more.serve(10, split, kServed);
  look();
  more.serve(2'000, split, kServed);
  EXPECT_THAT(look().reason, HasSubstr("the prediction log has a gap"));
  for (int i = 0; i < 200; ++i) {
    more.serve(400, split, kServed);
    ASSERT_EQ(look().verdict, Verdict::Inconclusive);
    ASSERT_FALSE(all.front().may_advance);
  }
  more.candidate.error_rate = 1;
  more.serve(400, split, kServed);
  EXPECT_EQ(look().verdict, Verdict::Fail);
}

TEST_F(LogHolds, predictions_without_a_record_hold_above_one_in_a_hundred) {
  const std::uint64_t fraud = model::hash_of("fraud");
  dropped = {{fraud, 1, 500, 400}};
  begin();
  serve(1'000);
  dropped = {{fraud, 1, 504, 403}, {model::hash_of("churn"), 1, 999, 999}};
  EXPECT_THAT(look().reason, Not(HasSubstr("left no record"))) << "what was before does not count";
  dropped = {{fraud, 1, 3, 2}, {fraud, 2, 5, 1}};
  EXPECT_EQ(look().reason, "12 predictions left no record (1.2 % of all, at most 1.0 % expected)");
  dropped.push_back({0, 0, 100, 0});
  EXPECT_THAT(look().reason, HasSubstr("112 predictions left no record"));
  rollout.evidence = kept;
  dropped.clear();
  restart();
  EXPECT_THAT(look().reason, HasSubstr("112 predictions left no record"));
}

TEST_F(LogHolds, a_rollout_that_nobody_asked_for_in_a_while_counts_no_drop_twice) {
  const std::uint64_t fraud = model::hash_of("fraud");
  dropped = {{fraud, 1, 500, 400}};
  begin();
  serve(1'000);
  dropped = {{fraud, 1, 503, 403}};
  look();
  rollout.evidence = kept;
  ports::RolloutRecord other = rollout;
  other.number = 2;
  other.evidence.clear();
  traffic.at += std::chrono::hours(1);
  ASSERT_TRUE(evidence->gather(other, traffic.at).ok());  // meanwhile the first is forgotten
  dropped = {{fraud, 1, 505, 405}};
  look();
  EXPECT_THAT(inputs, HasSubstr("\"without_record\": 5,"));
}

TEST_F(LogHolds, a_long_log_is_read_in_parts_and_nothing_goes_on_meanwhile) {
  begin();
  serve(static_cast<int>(kPage * kMostPages) + 1);
  EXPECT_EQ(look().reason, "the prediction log is still being read");
  EXPECT_THAT(look().reason, Not(HasSubstr("still being read")));
}

TEST_F(LogHolds, what_waits_behind_a_segment_that_is_still_written_is_not_read_yet) {
  begin();
  serve(300);
  log.behind = 1;
  EXPECT_EQ(look().reason, "the prediction log is still being read");
  EXPECT_FALSE(all.front().may_advance);
  log.behind = 0;
  EXPECT_THAT(look().reason, Not(HasSubstr("still being read")));
}

TEST_F(LogHolds, what_waits_behind_a_segment_that_is_still_written_does_not_keep_harm_from_being_seen) {
  begin();
  traffic.candidate.error_rate = 1;
  serve(400);
  log.behind = 1;
  EXPECT_EQ(look().verdict, Verdict::Fail);
}

TEST_F(LogHolds, labels_that_come_more_often_for_one_arm_hold) {
  begin();
  for (int i = 0; i < 4'000; ++i) {
    const auto record = traffic.next(split, kServed);
    append(record);
    if (record.version == 1 && traffic.unit() < 0.5) continue;
    append(outcome_of(record, ports::OutcomeRecord::Kind::Label, 1));
  }
  EXPECT_THAT(look().reason, HasSubstr("units do not go to the arms as logged (at the label"));
}

TEST_F(LogHolds, limits_hold_without_a_value_and_roll_back_when_they_are_broken) {
  plan("limits: [{name: depth, server: main, query: 'sum(depth)', most: 10}]\n");
  Result<double> depth = unavailable("not asked");
  std::string asked;
  evidence = std::make_unique<LogEvidence>(
      LogEvidence::Parts{.predictions = log,
                         .environment = "production",
                         .log = [] { return Result<std::string>("here"); },
                         .read_plan = [](std::string_view yaml) { return plan_yaml::read_evidence_plan(yaml, "plan"); },
                         .limit =
                             [&](const evidence::LimitPlan& limit) {
                               asked = limit.server + " " + limit.query;
                               return depth;
                             },
                         .check_limit = [](const evidence::LimitPlan& limit) -> Result<void> {
                           if (limit.server == "main") return {};
                           return invalid_input("server: expected main");
                         }});
  begin();
  EXPECT_EQ(asked, "main sum(depth)");
  EXPECT_THAT(look().reason, HasSubstr("depth: main gives no value"));
  const auto again = [&] {
    const auto read = plan_yaml::read_evidence_plan(rollout.plan, "plan").value();
    return judge_again(read_inputs(inputs).value(), read)->front().said.reason;
  };
  EXPECT_EQ(again(), all.front().reason);
  depth = 0.1;
  EXPECT_THAT(look().reason, Not(HasSubstr("depth")));
  EXPECT_EQ(again(), all.front().reason);
  depth = 10.125;
  const auto broken = look();
  EXPECT_EQ(broken.verdict, Verdict::Fail);
  EXPECT_THAT(broken.reason, HasSubstr("not randomised, only a fuse"));
  EXPECT_EQ(again(), broken.reason) << "the decision has what it was made of";
  EXPECT_THAT(inputs, HasSubstr("\"value\": 10.125, \"most\": 10"));
  EXPECT_TRUE(evidence->check(rollout.plan).ok());
  EXPECT_THAT(evidence->check("limits: [{name: d, server: other, query: up, most: 1}]\n").error().message,
              HasSubstr("plan: limit \"d\": server: expected main"));
  restart();
  EXPECT_THAT(evidence->check(rollout.plan).error().message, HasSubstr("expected none: nobody is asked here"));
}

TEST_F(LogHolds, plans_that_it_cannot_gather_for_are_refused) {
  EXPECT_TRUE(evidence->check("preset: canary\n").ok());
  EXPECT_THAT(evidence->check("slices: [Germany]\n").error().message,
              HasSubstr("plan: slices: expected COLUMN=VALUE, such as country=DE, found \"Germany\""));
  EXPECT_EQ(evidence->check("metrics: [{name: x}]\n").error().code, ErrorCode::InvalidInput);
}

}  // namespace
}  // namespace slipway::log_evidence
