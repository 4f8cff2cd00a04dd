// What single observations count as.
#include "domain/evidence/observation.h"

#include <gtest/gtest.h>

#include "domain/evidence/evidence.h"

namespace slipway::evidence {
namespace {

using model::Verdict;
using stats::Arm;

EvidencePlan errors_plan() {
  EvidencePlan plan;
  plan.metrics = {{.name = "error_rate", .margin_ratio = 2.0}};
  return plan;
}

TEST(Observation, with_units_either_way_a_key_counts_once_and_each_answer_without_one) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Either;
  Evidence evidence = Evidence::create(plan).value();
  for (int i = 0; i < 100; ++i) evidence.observe({.unit = 7, .arm = Arm::Candidate, .error = true});
  for (int i = 0; i < 100; ++i) evidence.observe({.p = 0.01, .error = i % 2 == 0});
  const Finding finding = evidence.judge().findings.at(0);
  EXPECT_EQ(finding.candidate, (ArmCount{.units = 1, .events = 1}));
  EXPECT_EQ(finding.control, (ArmCount{.units = 100, .events = 50}));
  EXPECT_TRUE(evidence.judge().holds.empty());
}

TEST(Observation, an_error_that_may_be_the_requests_is_one_but_lights_no_fuse) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  for (int i = 0; i < 64; ++i) evidence.observe({.arm = Arm::Candidate, .p = 1, .error = true, .blames_caller = true});
  EXPECT_EQ(evidence.verdict(), Verdict::Inconclusive);
  evidence.observe({.arm = Arm::Candidate, .error = true, .blames_caller = true});
  EXPECT_EQ(evidence.judge().findings.at(0).candidate.events, 1U);
}

TEST(Observation, metrics_take_outcomes_of_their_kind_and_measure_them_against_the_prediction) {
  EvidencePlan plan;
  plan.metrics = {{.name = "accuracy",
                   .source = Source::Outcome,
                   .direction = Direction::SmallerIsWorse,
                   .feedback = Feedback::Label,
                   .measure = Measure::Right},
                  {.name = "miss", .source = Source::Outcome, .measure = Measure::Distance},
                  {.name = "cost", .source = Source::Amount, .feedback = Feedback::Cost}};
  Evidence evidence = Evidence::create(plan).value();
  evidence.observe({.predictions = {0.75}, .outcome = 1, .feedback = Feedback::Label});
  evidence.observe({.predictions = {0.25}, .outcome = 1, .feedback = Feedback::Label});
  evidence.observe({.predictions = {0.5}, .outcome = 4, .feedback = Feedback::Cost});
  const auto findings = evidence.judge().findings;
  EXPECT_EQ(findings.at(0).control, (ArmCount{.units = 2, .mean = 0.5}));
  EXPECT_EQ(findings.at(1).control, (ArmCount{.units = 2, .mean = 0.5})) << "a distance of 3.5 is out of its range";
  EXPECT_EQ(findings.at(2).control, (ArmCount{.units = 1, .mean = 4}));
}

}  // namespace
}  // namespace slipway::evidence
