// Forecast: held against the evidence itself, on traffic of equal versions made from seeds.
#include "domain/evidence/forecast.h"

#include <gmock/gmock.h>

#include <cmath>

#include "domain/evidence/agreement.h"
#include "domain/evidence/evidence.h"
#include "domain/stats/random.h"

namespace slipway::evidence {
namespace {

using stats::Arm;
using testing::HasSubstr;

constexpr double kErrorRate = 0.01;
constexpr int kSeeds = 15;
constexpr int kMost = 400'000;

// How many requests two equal versions are served until `is_reached`: the median of some seeds.
template <class Reached>
double served_until(const EvidencePlan& plan, double share, Reached&& is_reached) {
  std::vector<double> counts;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    Evidence evidence = Evidence::create(plan).value();
    stats::Xoshiro256 random(static_cast<std::uint64_t>(seed));
    int count = 0;
    while (count < kMost && !is_reached(evidence)) {
      ++count;
      Observation answer{.t = count * 0.01, .p = share};
      answer.arm = random.unit() < share ? Arm::Candidate : Arm::Control;
      answer.error = random.unit() < kErrorRate;
      answer.latency_ms = 1 - 10 * std::log(1 - random.unit());
      answer.outcome = random.unit() < 0.95 ? 1 : 0;
      evidence.observe(answer);
    }
    counts.push_back(count);
  }
  std::ranges::nth_element(counts, counts.begin() + kSeeds / 2);
  return counts[kSeeds / 2];
}
double served_until_power(const EvidencePlan& plan, double share) {
  return served_until(plan, share, [](const Evidence& evidence) { return evidence.may_advance(); });
}
double served_until_pass(const EvidencePlan& plan, double share) {
  return served_until(plan, share, [](const Evidence& evidence) { return evidence.verdict() == model::Verdict::Pass; });
}

EvidencePlan plan_of(std::vector<MetricPlan> metrics) {
  EvidencePlan plan;
  plan.metrics = std::move(metrics);
  return plan;
}
EvidencePlan ratio() {
  return plan_of({{.name = "error_rate", .margin_ratio = 2.0}});
}
EvidencePlan difference() {
  return plan_of({{.name = "error_rate", .margin_difference = 0.02}});
}
EvidencePlan accuracy() {
  return plan_of({{.name = "accuracy",
                   .source = Source::Outcome,
                   .direction = Direction::SmallerIsWorse,
                   .margin_difference = 0.1}});
}

void expect_near_the_median(double forecast, double served) {
  EXPECT_GT(forecast, served / 2.5);
  EXPECT_LT(forecast, served * 2.5);
}

TEST(Forecast, says_what_a_step_with_power_takes) {
  for (const double share : {0.1, 0.5}) {
    for (const EvidencePlan& plan : {ratio(), difference(), accuracy()}) {
      const Takes takes = Forecast(plan, kErrorRate).requests_to(Aim::Power, share);
      ASSERT_TRUE(takes.requests) << takes.why;
      SCOPED_TRACE(plan.metrics[0].name + " at " + std::to_string(share));
      expect_near_the_median(*takes.requests, served_until_power(plan, share));
    }
  }
}

TEST(Forecast, says_what_a_promotion_takes) {
  for (const double share : {0.1, 0.5}) {
    for (const EvidencePlan& plan : {ratio(), difference(), accuracy()}) {
      const Takes takes = Forecast(plan, kErrorRate).requests_to(Aim::Pass, share);
      ASSERT_TRUE(takes.requests) << takes.why;
      SCOPED_TRACE(plan.metrics[0].name + " at " + std::to_string(share));
      expect_near_the_median(*takes.requests, served_until_pass(plan, share));
    }
  }
}

TEST(Forecast, latency_needs_about_what_it_says) {
  const EvidencePlan plan = plan_of({{.name = "latency", .source = Source::Latency, .margin_ratio = 2.0}});
  const Takes takes = Forecast(plan, kErrorRate).requests_to(Aim::Pass, 0.5);
  ASSERT_TRUE(takes.requests);
  expect_near_the_median(*takes.requests, served_until_pass(plan, 0.5));
}

TEST(Forecast, what_was_served_before_counts) {
  Forecast forecast(ratio(), kErrorRate);
  const double alone = *forecast.requests_to(Aim::Power, 0.5).requests;
  forecast.serve(0.1, 2'000);
  const double after = *forecast.requests_to(Aim::Power, 0.5).requests;
  EXPECT_LT(after, alone);
  EXPECT_GT(after, 0);
  forecast.serve(0.5, after);
  EXPECT_LE(*forecast.requests_to(Aim::Power, 0.5).requests, 1);
}

TEST(Forecast, the_slowest_metric_is_named) {
  EvidencePlan plan = ratio();
  plan.metrics.push_back(accuracy().metrics[0]);
  EXPECT_EQ(Forecast(plan, 0.5).requests_to(Aim::Pass, 0.5).metric, "accuracy");
  EXPECT_EQ(Forecast(plan, 0.0001).requests_to(Aim::Pass, 0.5).metric, "error_rate");
}

TEST(Forecast, says_why_there_is_no_number) {
  EXPECT_THAT(Forecast(ratio(), 0).requests_to(Aim::Power, 0.5).why, HasSubstr("without a single error"));
  EXPECT_THAT(Forecast(ratio(), 0.1).requests_to(Aim::Power, 1).why, HasSubstr("traffic for both versions"));
  const EvidencePlan revenue = plan_of({{.name = "revenue", .source = Source::Amount, .margin_relative = 0.02}});
  EXPECT_THAT(Forecast(revenue, 0.1).requests_to(Aim::Pass, 0.5).why, HasSubstr("nobody has seen yet"));
}

TEST(Forecast, a_plan_without_a_margin_never_promotes) {
  EvidencePlan plan = plan_of({{.name = "error_rate"}});
  const Takes takes = Forecast(plan, kErrorRate).requests_to(Aim::Pass, 0.5);
  EXPECT_FALSE(takes.requests);
  EXPECT_EQ(takes.why, "no metric has a margin, so nothing promotes");
  EXPECT_TRUE(Forecast(plan, kErrorRate).requests_to(Aim::Power, 0.5).requests) << "its steps are left all the same";
  plan.metrics.push_back({.name = "converted", .source = Source::Outcome, .direction = Direction::SmallerIsWorse});
  plan.looks = LookPlan{.units = 4'000};
  EXPECT_TRUE(Forecast(plan, kErrorRate).requests_to(Aim::Pass, 0.5).requests) << "the looks decide";
}

TEST(Forecast, planned_looks_are_waited_for_beside_a_margin) {
  EvidencePlan plan = difference();
  plan.metrics.push_back({.name = "converted", .source = Source::Outcome, .direction = Direction::SmallerIsWorse});
  plan.looks = LookPlan{.units = 1'000'000};
  EXPECT_EQ(Forecast(plan, kErrorRate).requests_to(Aim::Pass, 0.5).metric, "converted");
  EXPECT_EQ(Forecast(plan, kErrorRate).requests_to(Aim::Power, 0.5).metric, "error_rate");
}

TEST(Forecast, of_units_it_knows_how_many_are_remembered) {
  EvidencePlan plan = ratio();
  plan.unit = Unit::Keyed;
  plan.most_units = 5'000;
  EXPECT_THAT(Forecast(plan, 0.001).requests_to(Aim::Power, 0.1).why, HasSubstr("remembers 5000: raise most_units"));
  plan.most_units = 1'000'000;
  Forecast forecast(plan, 0.001);
  EXPECT_TRUE(forecast.requests_to(Aim::Power, 0.1).requests);
  forecast.serve(0.001, 999'000);
  EXPECT_FALSE(forecast.requests_to(Aim::Pass, 0.1).requests);
}

TEST(Forecast, of_a_shadow_it_says_how_many_pairs_have_to_be_alike) {
  EvidencePlan plan;
  EXPECT_THAT(Forecast(plan, 0).pairs_to_pass().why, HasSubstr("asks nothing"));
  plan.agreement.metrics = {{.name = "class", .source = PairSource::Class, .most = 0.02},
                            {.name = "value", .source = PairSource::Value, .most = 0.005}};
  const Takes takes = Forecast(plan, 0).pairs_to_pass();
  EXPECT_EQ(takes.metric, "value");
  Agreement agreement = Agreement::create(plan).value();
  int pairs = 0;
  for (; pairs < 10'000 && agreement.verdict() != model::Verdict::Pass; ++pairs) {
    PairObservation pair{.t = 0.01 * pairs};
    pair.answers.emplace();
    pair.answers->control.values[0] = pair.answers->candidate.values[0] = 1;
    agreement.observe(pair);
  }
  EXPECT_EQ(*takes.requests, pairs);
  plan.agreement.metrics.push_back({.name = "score", .source = PairSource::Bias, .margin_difference = 0.01});
  EXPECT_FALSE(Forecast(plan, 0).pairs_to_pass().requests);
}

TEST(Forecast, a_margin_of_rates_is_reached_without_any_error) {
  const Takes takes = Forecast(difference(), 0).requests_to(Aim::Pass, 0.5);
  ASSERT_TRUE(takes.requests) << takes.why;
  EXPECT_GT(*takes.requests, 150);
  EXPECT_LT(*takes.requests, 3'000);
}

TEST(Forecast, the_chance_to_find_harm_is_the_power_where_a_step_was_left_for_it) {
  Forecast forecast(ratio(), kErrorRate);
  EXPECT_EQ(*forecast.detections().at(0).chance, 0);
  forecast.serve(0.1, *forecast.requests_to(Aim::Power, 0.1).requests);
  EXPECT_NEAR(*forecast.detections().at(0).chance, 0.8, 0.01);
  EXPECT_EQ(forecast.detections().at(0).effect, "2 times as many");
  EXPECT_FALSE(Forecast(ratio(), 0).detections().at(0).chance);
}

}  // namespace
}  // namespace slipway::evidence
