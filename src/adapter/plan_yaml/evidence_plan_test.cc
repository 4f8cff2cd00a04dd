#include "adapter/plan_yaml/evidence_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::plan_yaml {
namespace {

using evidence::Direction;
using evidence::Source;
using testing::HasSubstr;

std::string refusal_of(std::string_view yaml) {
  const auto plan = read_evidence_plan(yaml, "plan.yaml");
  return plan.ok() ? "" : plan.error().message;
}

TEST(EvidencePlanYaml, reads_every_key) {
  const auto plan = read_evidence_plan(R"(
preset: canary
alpha: 0.01
beta: 0.1
power: 0.9
unit: key
most_units: 5000
warm_up_requests: 200
slices: [country=DE, country=FR]
slice_share: 0.3
mismatch_alpha: 0.002
fuse: {errors: 5, window: 10}
alpha_over: model
metrics:
  - {name: errors, source: errors, margin_ratio: 1.5, margin_difference: 0.005, design: 3, weight: 2}
  - {name: speed, source: latency, margin_ratio: 2, tolerance_ratio: 1.1, minimum_sample: 50}
  - {name: score, source: prediction, column: 1, direction: either_way, margin_difference: 0.2, tolerance_difference: 0.1}
  - {name: rating, source: outcome, direction: smaller_is_worse, range: [1, 5], margin_difference: 0.2}
  - {name: revenue, source: amount, direction: smaller_is_worse, margin_relative: 0.02, feedback: reward}
  - {name: accuracy, source: outcome, direction: smaller_is_worse, feedback: label, measure: right}
)",
                                       "plan.yaml");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->alpha, 0.01);
  EXPECT_EQ(plan->unit, evidence::Unit::Keyed);
  EXPECT_EQ(plan->budget, evidence::Budget::Model);
  EXPECT_EQ(plan->slices.size(), 2U);
  EXPECT_EQ(plan->fuse, (evidence::SeverityFuse{5, 10}));
  ASSERT_EQ(plan->metrics.size(), 6U);
  EXPECT_EQ(plan->metrics[0].margin_difference, 0.005);
  EXPECT_EQ(plan->metrics[2].column, 1U);
  EXPECT_EQ(plan->metrics[2].direction, Direction::EitherWay);
  EXPECT_EQ(plan->metrics[3].high, 5);
  EXPECT_EQ(plan->metrics[4].source, Source::Amount);
  EXPECT_EQ(plan->metrics[4].feedback, evidence::Feedback::Reward);
  EXPECT_EQ(plan->metrics[5].measure, evidence::Measure::Right);
}

TEST(EvidencePlanYaml, without_metrics_it_looks_at_errors_and_latency) {
  const auto plan = read_evidence_plan("preset: canary\n", "plan.yaml");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  ASSERT_EQ(plan->metrics.size(), 2U);
  EXPECT_EQ(plan->metrics[0].source, Source::Errors);
  EXPECT_EQ(plan->metrics[1].source, Source::Latency);
  EXPECT_TRUE(plan->metrics[0].is_guardrail() && plan->metrics[1].is_guardrail());
  EXPECT_THAT(refusal_of("alpha: 0.7\n"), HasSubstr("plan.yaml:1:"));
}

TEST(EvidencePlanYaml, reads_what_columns_of_slices_are_read_from) {
  const auto plan = read_evidence_plan(
      "slices: [country=DE, tier=1]\nslice_columns: {country: header x-country, tier: 'input features[3]'}\n", "p");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  using Kind = model::SliceSource::Kind;
  EXPECT_EQ(plan->slice_columns, (std::vector<evidence::SlicedColumn>{{"country", {Kind::Header, "x-country"}},
                                                                      {"tier", {Kind::Input, "features", 3}}}));
  EXPECT_THAT(refusal_of("slice_columns: {country: cookie c}\n"),
              HasSubstr("slice_columns.country: expected what the column is read from: header NAME"));
}

TEST(EvidencePlanYaml, reads_limits_on_what_monitoring_servers_say) {
  const auto plan = read_evidence_plan(
      "limits:\n- {name: depth, server: main, query: 'sum(depth{job=\"x\"})', least: -1, most: 1e3}\n", "p");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->limits, (std::vector<evidence::LimitPlan>{
                              {"depth", "main", "sum(depth{job=\"x\"})", std::optional(-1.0), std::optional(1e3)}}));
  EXPECT_THAT(refusal_of("limits: [{name: x, server: main, query: up}]\n"), HasSubstr("expected least, most or both"));
  EXPECT_THAT(refusal_of("limits: [{name: x, url: 'http://a'}]\n"), HasSubstr("limits[0]"));
}

TEST(EvidencePlanYaml, reads_what_is_asked_of_pairs) {
  const auto plan = read_evidence_plan(R"(
agreement:
  alpha_share: 0.5
  most_lost: 0.05
  metrics:
    - {name: class, source: class, column: 1, most: 0.02, weight: 2, minimum_sample: 50}
    - {name: score, source: bias, scale: 10, margin_difference: 0.5, tolerance_difference: 0.1}
    - {name: same, source: numeric, absolute: 1e-6, relative: 1e-4, ulps: 4}
)",
                                       "plan.yaml");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  const evidence::AgreementPlan& agreement = plan->agreement;
  EXPECT_EQ(agreement.alpha_share, 0.5);
  EXPECT_EQ(agreement.most_lost, 0.05);
  ASSERT_EQ(agreement.metrics.size(), 3U);
  EXPECT_EQ(agreement.metrics[0], (evidence::PairMetricPlan{.name = "class",
                                                            .source = evidence::PairSource::Class,
                                                            .column = 1,
                                                            .most = 0.02,
                                                            .weight = 2,
                                                            .minimum_sample = 50}));
  EXPECT_EQ(agreement.metrics[1].scale, 10);
  EXPECT_EQ(agreement.metrics[1].margin_difference, 0.5);
  EXPECT_EQ(agreement.metrics[2].tolerance.ulps, 4U);
}

TEST(EvidencePlanYaml, says_where_an_agreement_is_wrong) {
  EXPECT_THAT(refusal_of("agreement: {}\n"), HasSubstr("an agreement with metrics"));
  EXPECT_THAT(refusal_of("agreement: {metrics: []}\n"), HasSubstr("at least one metric of pairs"));
  EXPECT_THAT(refusal_of("agreement: {metrics: [{name: x}]}\n"), HasSubstr("expected a metric with a source"));
  EXPECT_THAT(refusal_of("agreement: {metrics: [{name: x, source: odd}]}\n"),
              HasSubstr("expected one of errors, class"));
  EXPECT_THAT(refusal_of("agreement: {metrics: [{name: x, source: slower}]}\n"), HasSubstr("expected one of errors"))
      << "times of twins are not like those of callers";
  EXPECT_THAT(refusal_of("agreement: {metrics: [{name: x, source: class, most: 0.6}]}\n"),
              HasSubstr("metric \"x\": most: expected"));
  EXPECT_THAT(refusal_of("agreement: {metrics: [{name: x, source: errors, ulps: 1}]}\n"), HasSubstr("plan.yaml:1:22"));
}

TEST(EvidencePlanYaml, takes_planned_looks_from_the_steps) {
  const auto plan = read_evidence_plan(R"(
stages:
  - shadow:
  - ab_test: {mode: fixed, weight: 20%, units: 90000, looks: 4, spending: pocock}
metrics: [{name: conversion, source: outcome, direction: smaller_is_worse}]
)",
                                       "plan.yaml");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  const evidence::LookPlan expected{.units = 90'000, .looks = 4, .spending = stats::Spending::Pocock, .share = 0.2};
  EXPECT_EQ(plan->looks, expected);
  EXPECT_THAT(refusal_of("stages: [{ab_test: {mode: fixed, units: 900}}]\nmetrics: [{name: e, source: errors}]\n"),
              HasSubstr("expected a metric of outcomes or amounts"));
}

TEST(EvidencePlanYaml, a_fuse_can_be_left_out) {
  const auto plan = read_evidence_plan("fuse: off\nmetrics: [{name: e, source: errors}]\n", "plan.yaml");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->fuse, std::nullopt);
}

TEST(EvidencePlanYaml, says_where_a_plan_is_wrong) {
  EXPECT_THAT(refusal_of("alhpa: 0.05\n"), HasSubstr("plan.yaml:1:1: unknown key \"alhpa\"; did you mean \"alpha\"?"));
  EXPECT_THAT(refusal_of("alpha: 2\nmetrics: []\n"), HasSubstr("plan.yaml:1:8: alpha: expected a number"));
  EXPECT_THAT(refusal_of("metrics:\n  - name: x\n    source: query\n"),
              HasSubstr("plan.yaml:3:13: metrics[0].source: expected one of errors, latency"));
  EXPECT_THAT(refusal_of("metrics:\n  - {source: errors}\n"), HasSubstr("expected a metric with a name"));
  EXPECT_THAT(refusal_of("metrics:\n  - {name: x}\n"), HasSubstr("expected a metric with a source"));
  EXPECT_THAT(refusal_of("metrics:\n  - {name: x, source: outcome, range: [1]}\n"), HasSubstr("a list of two numbers"));
  EXPECT_THAT(refusal_of("metrics:\n  - {name: x, source: latency, margin_difference: 3}\n"),
              HasSubstr("metric \"x\": margin_difference: expected only for"));
  EXPECT_THAT(refusal_of("metrics:\n  - {name: x, source: latency, feedback: label}\n"),
              HasSubstr("metric \"x\": feedback: expected only for outcomes and amounts"));
  EXPECT_THAT(refusal_of("metrics: []\n"), HasSubstr("metrics: expected 1 to 30, found 0"));
}

}  // namespace
}  // namespace slipway::plan_yaml
