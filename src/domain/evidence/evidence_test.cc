// Evidence: what it says of traffic.
#include "domain/evidence/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "domain/evidence/made_up_traffic.h"

namespace slipway::evidence {
namespace {

using model::Verdict;
using stats::Arm;
using testing::HasSubstr;

TEST(Evidence, rolls_back_on_evidence_of_harm_and_says_why) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  Traffic traffic(1);
  traffic.harm = 4;
  EXPECT_GT(answers_until_verdict(evidence, traffic, 20'000), 0);
  const Judgement judgement = evidence.judge();
  EXPECT_EQ(judgement.verdict, Verdict::Fail);
  EXPECT_THAT(judgement.reason, HasSubstr("error_rate is worse: e-value of harm"));
  EXPECT_THAT(judgement.reason, HasSubstr("rolls back at 20"));
  EXPECT_THAT(judgement.reason, HasSubstr("risk ratio"));
  EXPECT_GE(judgement.log_harm, judgement.harm_bar);
  EXPECT_FALSE(judgement.may_advance);
  EXPECT_TRUE(judgement.findings.at(0).effect_interval->contains(4));
}

TEST(Evidence, promotes_only_what_is_shown_to_be_no_worse) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  Traffic traffic(2);
  EXPECT_GT(answers_until_verdict(evidence, traffic, 60'000), 5'000);
  const Judgement judgement = evidence.judge();
  EXPECT_EQ(judgement.verdict, Verdict::Pass);
  EXPECT_GE(*judgement.findings.at(0).log_safe, judgement.findings.at(0).safe_bar);
  EXPECT_TRUE(judgement.has_power);
}

TEST(Evidence, holds_and_says_how_much_is_missing) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  EXPECT_THAT(evidence.judge().reason, HasSubstr("none came yet"));
  Traffic traffic(3);
  for (int i = 0; i < 4'000; ++i) evidence.observe(traffic.next());
  const Judgement judgement = evidence.judge();
  EXPECT_EQ(judgement.verdict, Verdict::Inconclusive);
  EXPECT_THAT(judgement.reason, HasSubstr("not yet shown to be no worse"));
  EXPECT_GT(judgement.missing.requests, 0U);
  EXPECT_NEAR(*judgement.missing.about_seconds, static_cast<double>(judgement.missing.requests) / 100, 1);
}

TEST(Evidence, without_margins_never_promotes) {
  EvidencePlan plan = errors_plan();
  plan.metrics[0].margin_ratio.reset();
  Evidence evidence = Evidence::create(plan).value();
  Traffic traffic(4);
  EXPECT_EQ(answers_until_verdict(evidence, traffic, 60'000), 0);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("nothing that promotes"));
  EXPECT_TRUE(evidence.judge().may_advance);
}

TEST(Evidence, an_absolute_margin_promotes_without_any_error) {
  EvidencePlan plan = errors_plan();
  plan.metrics[0].margin_ratio.reset();
  plan.metrics[0].margin_difference = 0.01;
  Evidence evidence = Evidence::create(plan).value();
  Traffic traffic(5);
  traffic.error_rate = 0;
  for (int i = 0; i < 100; ++i) evidence.observe(traffic.next());
  EXPECT_GT(evidence.judge().missing.requests, 0U);  // of the margin: no error says when there is power
  EXPECT_GT(answers_until_verdict(evidence, traffic, 40'000), 0);
  EXPECT_EQ(evidence.verdict(), Verdict::Pass);
  EXPECT_TRUE(evidence.judge().may_advance);
}

TEST(Evidence, a_ratio_that_is_shown_needs_power_as_well) {
  EvidencePlan plan = errors_plan();
  plan.metrics[0].design = 1.1;
  Evidence evidence = Evidence::create(plan).value();
  Traffic traffic(2);
  EXPECT_EQ(answers_until_verdict(evidence, traffic, 60'000), 0);
  EXPECT_TRUE(evidence.is_safe());
  EXPECT_THAT(evidence.judge().reason, HasSubstr("a harm of the design size"));
}

TEST(Evidence, a_metric_without_a_margin_does_not_stand_in_the_way) {
  EvidencePlan plan = errors_plan();
  plan.metrics.push_back({.name = "accuracy", .source = Source::Outcome, .direction = Direction::SmallerIsWorse});
  Evidence evidence = Evidence::create(plan).value();
  Traffic traffic(2);
  for (int i = 0; i < 4'000; ++i) evidence.observe(traffic.next());
  EXPECT_THAT(evidence.judge().reason, HasSubstr("error_rate is not yet shown to be no worse"));
  EXPECT_GT(evidence.judge().missing.requests, 0U);
  EXPECT_GT(answers_until_verdict(evidence, traffic, 60'000), 0);
  EXPECT_EQ(evidence.verdict(), Verdict::Pass);
}

TEST(Evidence, rare_amounts_are_cut_at_what_is_paid) {
  EvidencePlan plan;
  plan.metrics = {
      {.name = "revenue", .source = Source::Amount, .direction = Direction::SmallerIsWorse, .margin_relative = 0.5}};
  Evidence evidence = Evidence::create(plan).value();
  Traffic traffic(11);
  traffic.share = 0.5;
  for (int i = 0; i < 300'000 && evidence.verdict() == Verdict::Inconclusive; ++i) {
    Observation observation = traffic.next();
    observation.error.reset();
    const double paid = observation.arm == Arm::Candidate ? 10 : 100;
    observation.outcome = traffic.unit() < 0.004 ? paid : 0;
    evidence.observe(observation);
  }
  EXPECT_EQ(evidence.verdict(), Verdict::Fail) << evidence.judge().reason;
}

// A shared incident while the share changes makes pooled counts look like harm.

TEST(Evidence, an_incident_of_both_arms_during_a_ramp_is_no_harm) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  Traffic traffic(6);
  int alarms = 0;
  for (const double share : {0.05, 0.1, 0.25, 0.5}) {
    traffic.share = share;
    traffic.error_rate = share == 0.25 ? 0.08 : 0.005;
    for (int i = 0; i < 5'000; ++i) {
      evidence.observe(traffic.next());
      alarms += evidence.verdict() == Verdict::Fail ? 1 : 0;
    }
  }
  EXPECT_EQ(alarms, 0);
}

TEST(EvidencePlan, limits_that_cannot_be_are_refused) {
  const auto message = [](LimitPlan limit) {
    EvidencePlan plan = errors_plan();
    plan.limits = {std::move(limit)};
    const auto checked = check(plan);
    return checked.ok() ? std::string("ok") : checked.error().message;
  };
  const LimitPlan good{.name = "depth", .server = "main", .query = "up", .least = {}, .most = 1};
  const auto with = [&](auto change) {
    LimitPlan limit = good;
    change(limit);
    return message(limit);
  };
  EXPECT_EQ(message(good), "ok");
  EXPECT_THAT(with([](auto& limit) { limit.most.reset(); }), HasSubstr("limit \"depth\": expected least, most"));
  EXPECT_THAT(with([](auto& limit) { limit.least = 2; }), HasSubstr("least: expected no more than most"));
  EXPECT_THAT(with([](auto& limit) { limit.query.clear(); }), HasSubstr("query: expected 1 to 2048 bytes"));
  EXPECT_THAT(with([](auto& limit) { limit.most = std::nan(""); }), HasSubstr("finite"));
  EvidencePlan plan = errors_plan();
  plan.limits = {good, good};
  EXPECT_THAT(check(plan).error().message, HasSubstr("limits: expected each name once, found \"depth\" twice"));
}

TEST(Evidence, counters_say_what_single_answers_say) {
  Evidence one = Evidence::create(errors_plan()).value(), many = Evidence::create(errors_plan()).value();
  for (int i = 0; i < 300; ++i) one.observe({.p = 0.3, .error = false});
  for (int i = 0; i < 3; ++i) one.observe({.arm = Arm::Candidate, .p = 0.3, .error = true});
  many.observe({.p = 0.3, .error = false, .count = 300});
  many.observe({.arm = Arm::Candidate, .p = 0.3, .error = true, .count = 3});
  EXPECT_NEAR(one.judge().findings.at(0).log_harm, many.judge().findings.at(0).log_harm, 1e-12);
  EXPECT_NEAR(one.judge().findings.at(0).power, many.judge().findings.at(0).power, 1e-12);
}

EvidencePlan everything_plan() {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.slices = {"small", "large"};
  plan.metrics.push_back({.name = "latency", .source = Source::Latency, .margin_ratio = 2.0});
  plan.metrics.push_back(
      {.name = "score", .source = Source::Prediction, .direction = Direction::EitherWay, .margin_difference = 0.2});
  plan.metrics.push_back(
      {.name = "accuracy", .source = Source::Outcome, .direction = Direction::SmallerIsWorse, .margin_relative = 0.1});
  plan.metrics.push_back(
      {.name = "revenue", .source = Source::Amount, .direction = Direction::SmallerIsWorse, .margin_relative = 0.5});
  return plan;
}

Observation everything(Traffic& traffic, std::uint64_t unit) {
  Observation observation = traffic.next();
  observation.unit = unit;
  observation.latency_ms = 5 + 20 * traffic.unit();
  observation.predictions[0] = traffic.unit();
  observation.outcome = traffic.unit() < 0.7 ? 1 : 0;
  observation.slices = 1 + unit % 2;
  return observation;
}

TEST(Evidence, goes_on_from_its_kept_state_bit_for_bit) {
  Evidence whole = Evidence::create(everything_plan()).value();
  Traffic traffic(8);
  for (std::uint64_t unit = 1; unit <= 3'000; ++unit) whole.observe(everything(traffic, unit % 2'000 + 1));
  Evidence resumed = Evidence::restore(everything_plan(), whole.state()).value();
  EXPECT_EQ(resumed.judge(), whole.judge());
  for (std::uint64_t unit = 2'000; unit <= 4'000; ++unit) {
    const Observation observation = everything(traffic, unit);
    whole.observe(observation), resumed.observe(observation);
  }
  EXPECT_EQ(resumed.state(), whole.state());
  EXPECT_EQ(resumed.judge(), whole.judge());
  EXPECT_EQ(Evidence::restore(errors_plan(), whole.state()).error().code, ErrorCode::Corrupt);
}

TEST(Evidence, judges_the_same_without_its_table_of_units) {
  EvidencePlan plan = everything_plan();
  plan.most_units = 1'000;
  Evidence whole = Evidence::create(plan).value();
  Traffic traffic(11);
  for (std::uint64_t unit = 1; unit <= 1'500; ++unit) whole.observe(everything(traffic, unit));
  EXPECT_EQ(whole.remembered_units(), 1'000U);
  EXPECT_LT(whole.judged_state().size(), whole.state().size());
  EXPECT_EQ(Evidence::restore(plan, whole.judged_state())->judge(), whole.judge());
}

TEST(Evidence, swapping_the_arms_swaps_what_is_better) {
  EvidencePlan up, down;
  up.metrics = {{.name = "loss", .source = Source::Outcome}};
  down.metrics = {{.name = "gain", .source = Source::Outcome, .direction = Direction::SmallerIsWorse}};
  Evidence one = Evidence::create(up).value(), other = Evidence::create(down).value();
  Traffic traffic(9);
  for (int i = 0; i < 2'000; ++i) {
    Observation observation = traffic.next();
    observation.outcome = traffic.unit() < (observation.arm == Arm::Candidate ? 0.4 : 0.2) ? 1 : 0;
    one.observe(observation);
    observation.arm = observation.arm == Arm::Candidate ? Arm::Control : Arm::Candidate;
    observation.p = 1 - observation.p;
    other.observe(observation);
  }
  EXPECT_NEAR(one.judge().log_harm, other.judge().log_harm, 1e-9);
  EXPECT_EQ(one.verdict(), Verdict::Fail);
}

TEST(Evidence, names_the_slice_that_is_worse) {
  EvidencePlan plan = errors_plan();
  for (int i = 0; i < 20; ++i) plan.slices.push_back("s" + std::to_string(i));
  Evidence evidence = Evidence::create(plan).value();
  Traffic traffic(10);
  for (int i = 0; i < 60'000 && evidence.judge(Detail::Brief).named_slices.empty(); ++i) {
    const auto slice = static_cast<std::uint64_t>(20 * traffic.unit());
    traffic.slices = std::uint64_t{1} << slice;
    traffic.harm = slice == 13 ? 20 : 1;
    evidence.observe(traffic.next());
  }
  EXPECT_EQ(evidence.judge().named_slices, (std::vector<std::string>{"error_rate in slice s13"}));
}

TEST(EvidencePlan, that_cannot_be_is_refused_by_name) {
  const auto message = [](auto&& change) {
    EvidencePlan plan = errors_plan();
    change(plan);
    const auto checked = check(plan);
    return checked.ok() ? std::string("ok") : checked.error().message;
  };
  EXPECT_EQ(message([](auto&) {}), "ok");
  EXPECT_THAT(message([](auto& plan) { plan.alpha = 0; }), HasSubstr("alpha: expected"));
  EXPECT_THAT(message([](auto& plan) { plan.metrics.clear(); }), HasSubstr("metrics: expected 1 to 30, found 0"));
  EXPECT_THAT(message([](auto& plan) { plan.metrics[0].margin_ratio = 1; }),
              HasSubstr("metric \"error_rate\": margin_ratio: expected a number above 1"));
  EXPECT_THAT(message([](auto& plan) { plan.metrics[0].margin_relative = 0.1; }),
              HasSubstr("expected only for amounts"));
  EXPECT_THAT(message([](auto& plan) { plan.metrics.push_back(plan.metrics[0]); }), HasSubstr("twice"));
  EXPECT_THAT(message([](auto& plan) { plan.metrics[0].tolerance_ratio = 3; }), HasSubstr("no more than the margin"));
  EXPECT_THAT(message([](auto& plan) { plan.fuse->window = 65; }), HasSubstr("fuse: expected"));
  EXPECT_THAT(message([](auto& plan) { plan.slices = {"a", "a"}; }), HasSubstr("slices: expected each name once"));
}

}  // namespace
}  // namespace slipway::evidence
