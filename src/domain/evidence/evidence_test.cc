// Evidence: what it says of traffic, and that it says nothing where nothing can be known.
#include "domain/evidence/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "domain/stats/random.h"

namespace slipway::evidence {
namespace {

using model::Verdict;
using stats::Arm;
using testing::HasSubstr;

EvidencePlan errors_plan() {
  EvidencePlan plan;
  plan.metrics = {{.name = "error_rate", .margin_ratio = 2.0}};
  return plan;
}

// Traffic made of a seed: rates by arm, a ramp of shares.
class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : random_(seed) {}

  double error_rate = 0.01, harm = 1;
  double share = 0.2;
  std::uint64_t slices = 0;

  Observation next() {
    t_ += 0.01;
    const Arm arm = random_.unit() < share ? Arm::Candidate : Arm::Control;
    const double rate = error_rate * (arm == Arm::Candidate ? harm : 1);
    return {.t = t_, .arm = arm, .p = share, .error = random_.unit() < rate, .slices = slices};
  }
  double unit() { return random_.unit(); }

 private:
  stats::Xoshiro256 random_;
  double t_ = 0;
};

// Answers until the verdict is no longer Inconclusive; 0 if it never is.
int answers_until_verdict(Evidence& evidence, Traffic& traffic, int most) {
  for (int i = 1; i <= most; ++i) {
    evidence.observe(traffic.next());
    if (evidence.verdict() != Verdict::Inconclusive) return i;
  }
  return 0;
}

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

TEST(Evidence, a_unit_is_bet_on_once_at_its_first_error) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.metrics[0].minimum_sample = 1;
  Evidence evidence = Evidence::create(plan).value();
  for (int i = 0; i < 500; ++i) {
    evidence.observe({.t = 1.0 * i, .unit = 7, .arm = Arm::Candidate, .p = 0.05, .error = i % 2 == 1});
  }
  evidence.observe({.unit = 8, .arm = Arm::Control, .p = 0.05, .error = false});
  const Judgement judgement = evidence.judge();
  EXPECT_EQ(judgement.findings.at(0).candidate, (ArmCount{.units = 1, .events = 1}));
  const std::vector<stats::ArmEvents> one{{0.05, 1, 1}};
  EXPECT_NEAR(judgement.findings.at(0).log_harm, stats::log_evidence_of_harm(one).value(), 1e-12);
}

TEST(Evidence, a_full_table_of_units_holds) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.most_units = 1'000;
  Evidence evidence = Evidence::create(plan).value();
  for (std::uint64_t unit = 1; unit <= 1'001; ++unit) {
    evidence.observe({.unit = unit, .arm = unit % 2 == 0 ? Arm::Candidate : Arm::Control, .error = false});
  }
  EXPECT_THAT(evidence.judge().reason, HasSubstr("the table of units is full with 1000: 1 observations were left out"));
  EXPECT_FALSE(evidence.judge().may_advance);
}

TEST(Evidence, a_split_that_is_not_the_logged_one_holds) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  Traffic traffic(7);
  traffic.share = 0.5;
  for (int i = 0; i < 30'000; ++i) {
    Observation observation = traffic.next();
    observation.p = 0.4;
    evidence.observe(observation);
  }
  EXPECT_EQ(evidence.verdict(), Verdict::Inconclusive);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("units do not go to the arms as logged (at the answer"));
}

TEST(Evidence, the_fuse_blows_without_a_comparison) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  for (int i = 0; i < 19; ++i) evidence.observe({.arm = Arm::Candidate, .p = 1, .error = true});
  EXPECT_EQ(evidence.verdict(), Verdict::Inconclusive);
  evidence.observe({.arm = Arm::Candidate, .p = 1, .error = true});
  EXPECT_EQ(evidence.verdict(), Verdict::Fail);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("fuse: at least 11 of 20"));
  EXPECT_LT(false_alarm_probability(SeverityFuse{}, 0.05), 1e-6);
}

TEST(Evidence, one_user_does_not_blow_the_fuse_and_many_do) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  Evidence evidence = Evidence::create(plan).value();
  for (int i = 0; i < 100; ++i) evidence.observe({.unit = 7, .arm = Arm::Candidate, .p = 0.05, .error = true});
  EXPECT_EQ(evidence.verdict(), Verdict::Inconclusive);
  for (std::uint64_t unit = 100; unit < 120; ++unit) {
    evidence.observe({.unit = unit, .arm = Arm::Candidate, .p = 1, .error = true});
  }
  EXPECT_EQ(evidence.verdict(), Verdict::Fail);
}

TEST(Evidence, the_fuse_blows_though_units_are_not_known) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.most_units = 1'000;
  Evidence full = Evidence::create(plan).value(), anonymous = Evidence::create(plan).value();
  for (std::uint64_t unit = 1; unit <= 1'000; ++unit) full.observe({.unit = unit, .error = false});
  for (std::uint64_t i = 0; i < 20; ++i) {
    full.observe({.unit = 2'000 + i, .arm = Arm::Candidate, .error = true});
    anonymous.observe({.arm = Arm::Candidate, .error = true});
  }
  EXPECT_EQ(full.verdict(), Verdict::Fail);
  EXPECT_EQ(anonymous.verdict(), Verdict::Fail);
}

TEST(Evidence, units_without_a_chance_leave_room_in_the_table) {
  EvidencePlan plan = errors_plan();
  plan.unit = Unit::Keyed;
  plan.most_units = 1'000;
  Evidence evidence = Evidence::create(plan).value();
  for (std::uint64_t unit = 1; unit <= 2'000; ++unit) {
    evidence.observe({.unit = unit, .arm = Arm::Candidate, .p = 1, .error = false});
    evidence.observe({.unit = unit + 2'000, .p = 0, .error = unit % 2 == 0});
  }
  EXPECT_TRUE(evidence.judge().holds.empty());
  for (std::uint64_t unit = 10'001; unit <= 11'000; ++unit) {
    evidence.observe({.unit = unit, .arm = unit % 2 == 0 ? Arm::Candidate : Arm::Control, .error = false});
  }
  EXPECT_TRUE(evidence.judge().holds.empty());
  EXPECT_EQ(evidence.judge().findings.at(0).control.units, 500U);
}

TEST(Evidence, no_chance_and_no_number_are_no_evidence) {
  EvidencePlan plan;
  plan.metrics = {{.name = "score", .source = Source::Prediction, .direction = Direction::EitherWay}};
  Evidence evidence = Evidence::create(plan).value();
  for (const double p : {0.0, 1.0, -1.0, std::nan("")}) {
    evidence.observe({.arm = Arm::Candidate, .p = p, .error = false, .predictions = {1, 1, 1, 1}});
  }
  EXPECT_EQ(evidence.judge().findings.at(0).candidate.units, 0U);
  for (int i = 0; i < 1'000; ++i) {
    evidence.observe({.t = 1.0 * i, .arm = i % 2 == 0 ? Arm::Candidate : Arm::Control, .error = false});
  }
  EXPECT_THAT(evidence.judge().reason, HasSubstr("score: 100 % of the values are no numbers in range"));
}

TEST(Evidence, a_limit_without_its_source_holds_and_a_broken_one_rolls_back) {
  Evidence evidence = Evidence::create(errors_plan()).value();
  evidence.limit("queue_depth", std::nullopt);
  EXPECT_THAT(evidence.judge().reason, HasSubstr("queue_depth: its source gives no value"));
  evidence.limit("queue_depth", true);
  EXPECT_TRUE(evidence.judge().holds.empty());
  evidence.limit("queue_depth", false);
  EXPECT_EQ(evidence.verdict(), Verdict::Fail);
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
