#include "domain/proof/scenario.h"

namespace slipway::proof {
namespace {

using evidence::Direction;
using evidence::EvidencePlan;
using evidence::MetricPlan;
using evidence::Source;

const MetricPlan kErrors{.name = "error_rate", .source = Source::Errors, .margin_ratio = 2.0};
const MetricPlan kLatency{.name = "latency", .source = Source::Latency, .margin_ratio = 2.0};
const MetricPlan kRevenue{.name = "revenue", .source = Source::Amount, .direction = Direction::SmallerIsWorse};

EvidencePlan plan_of(std::vector<MetricPlan> metrics) {
  EvidencePlan plan;
  plan.metrics = std::move(metrics);
  return plan;
}

EvidencePlan keyed(EvidencePlan plan) {
  plan.unit = evidence::Unit::Keyed;
  return plan;
}

EvidencePlan sliced(EvidencePlan plan, int slices) {
  for (int i = 0; i < slices; ++i) plan.slices.push_back("s" + std::to_string(i));
  return plan;
}

EvidencePlan warmed(EvidencePlan plan, std::uint64_t requests) {
  plan.warm_up_requests = requests;
  return plan;
}

// Ten metrics, several of them looking at the same thing.
EvidencePlan ten_metrics() {
  std::vector<MetricPlan> metrics{kErrors, kLatency, kRevenue};
  metrics.push_back({.name = "error_rate_2", .tolerance_ratio = 1.1});
  metrics.push_back({.name = "latency_2", .source = Source::Latency, .tolerance_ratio = 1.1});
  metrics.push_back({.name = "orders", .source = Source::Amount});
  for (std::uint32_t i = 0; i < 4; ++i) {
    metrics.push_back({.name = "value_" + std::to_string(i),
                       .source = Source::Prediction,
                       .direction = i < 2 ? Direction::EitherWay : Direction::LargerIsWorse,
                       .column = i});
  }
  return sliced(plan_of(std::move(metrics)), 20);
}

std::vector<Scenario> equal_versions() {
  const Target equal{.most_rollbacks = 0.05};
  const EvidencePlan errors = plan_of({kErrors}), both = plan_of({kErrors, kLatency});
  return {
      {"AA1", "10 requests/s, 0.5 % errors, latency", {.per_second = 10, .has_latency = true}, both, equal, true},
      {"AA1b", "100 requests/s, 0.05 % errors", {.error_rate = 0.0005}, errors, equal, true},
      {"AA1c", "100 requests/s, 1.2 % errors", {.error_rate = 0.012}, errors, equal, true},
      {"AA1d", "1000 requests/s, 0.5 % errors", {.per_second = 1'000}, errors, equal},
      {"AA1e", "100 requests/s, 5 % errors", {.error_rate = 0.05}, errors, equal},
      {"AA2", "an incident of both, 8 % errors for 5 min", {.incident_rate = 0.08}, errors, equal, true},
      {"AA2b", "traffic and errors swing threefold", {.is_diurnal = true}, errors, equal, true},
      {"AA3", "sticky users, errors in bursts of 5", {.burst = 5}, keyed(errors), equal},
      {"AA3b", "sticky users, errors in bursts of 20", {.burst = 20}, keyed(errors), equal},
      {"AA3x", "control: the same by request", {.burst = 20}, errors, {.most_rollbacks = 0.05, .is_violated = true}},
      {.id = "AA4",
       .what = "heavy-tailed revenue, 10 % of the traffic",
       .course = {.per_second = 10, .ramp = {{0.1, 3'600}}, .error_rate = 0.001, .revenue_rate = 0.02},
       .plan = plan_of({kRevenue}),
       .target = equal,
       .has_asymptotic = true},
      {"AA5",
       "a bandit moves the share, errors swing",
       {.error_rate = 0.02, .is_diurnal = true, .is_bandit = true},
       errors,
       equal,
       true},
      {"AA6",
       "ten metrics in twenty slices",
       {.per_second = 10,
        .ramp = {{0.1, 120}, {0.5, 180}},
        .error_rate = 0.02,
        .has_latency = true,
        .values = 4,
        .revenue_rate = 0.1,
        .slices = 20},
       ten_metrics(),
       {.most_rollbacks = 0.05, .most_named_falsely = 0.05}},
      {.id = "AA7",
       .what = "restarts, a clock that jumps, values that are no numbers",
       .course = {.per_second = 10, .error_rate = 0.01, .has_latency = true, .values = 1},
       .plan = plan_of({kErrors, kLatency, {.name = "value", .source = Source::Prediction}}),
       .target = equal,
       .has_faults = true},
      {"AA8",
       "cold start: the first 200 answers three times slower, warm-up rule",
       {.per_second = 10, .has_latency = true, .cold_requests = 200},
       warmed(both, 200),
       equal},
  };
}

std::vector<Scenario> worse_versions() {
  const EvidencePlan errors = plan_of({kErrors}), both = plan_of({kErrors, kLatency});
  const MetricPlan value{.name = "value", .source = Source::Prediction, .direction = Direction::EitherWay};
  return {
      {"P1",
       "errors 0.5 -> 1 %, 100 requests/s, latency watched too",
       {.has_latency = true, .error_ratio = 2},
       both,
       {.least_rollbacks = 0.99, .median_minutes = 9, .median_candidate = 2'700},
       true},
      {"P2",
       "errors 0.5 -> 1 %, 10 requests/s",
       {.per_second = 10, .has_latency = true, .error_ratio = 2},
       both,
       {.least_rollbacks = 0.95, .median_minutes = 32},
       true},
      {"P3",
       "errors 0.05 -> 0.1 %, 100 requests/s",
       {.error_rate = 0.0005, .error_ratio = 2},
       errors,
       {.least_rollbacks = 0.95, .median_minutes = 33},
       true},
      {"P4",
       "errors 0.05 -> 0.25 %, 100 requests/s",
       {.error_rate = 0.0005, .error_ratio = 5},
       errors,
       {.least_rollbacks = 0.99, .median_minutes = 8},
       true},
      {"P5",
       "latency x 1.3, 100 requests/s",
       {.ramp = {{0.05, 600}}, .has_latency = true, .latency_ratio = 1.3},
       both,
       {.least_rollbacks = 0.99, .median_minutes = 2, .median_candidate = 400}},
      {"P5b",
       "latency x 1.3, 10 requests/s",
       {.per_second = 10, .has_latency = true, .latency_ratio = 1.3},
       both,
       {.least_rollbacks = 0.99, .median_minutes = 5, .median_candidate = 400},
       true},
      {"P6",
       "2 % of the answers a second later, 100 requests/s",
       {.ramp = {{0.05, 600}}, .has_latency = true, .slow_share = 0.02},
       both,
       {.least_rollbacks = 0.99, .median_minutes = 3}},
      {"P7",
       "predictions shifted by 0.05 deviations, 10 % of the traffic",
       {.ramp = {{0.1, 2'000}}, .error_rate = 0.001, .values = 1, .value_shift = 0.05},
       plan_of({value}),
       {.least_rollbacks = 0.9, .median_candidate = 4'500, .median_requests = 45'000}},
      {"P8",
       "errors in one of twenty slices only, 0.5 -> 10 %",
       {.slices = 20, .slice_error_ratio = 20},
       sliced(errors, 20),
       {.least_named = 0.9, .most_named_falsely = 0.05}},
      {"P9",
       "a crash: half of the answers are errors",
       {.ramp = {{0.05, 60}}, .error_ratio = 100},
       errors,
       {.least_rollbacks = 0.99, .median_candidate = 20}},
      {"P10",
       "information used to find x 2, error metric alone",
       {.error_ratio = 2},
       errors,
       {.least_rollbacks = 0.99, .oracle_ratio = 1.6}},
      {"P11", "promotion of an equal version, margin 2, 100 requests/s", {}, errors, {.least_promotions = 0.9}},
      {"P11b", "a version at the margin", {.error_ratio = 2}, errors, {.most_promotions = 0.05}},
  };
}

}  // namespace

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all = equal_versions();
  for (Scenario& scenario : worse_versions()) all.push_back(std::move(scenario));
  return all;
}

}  // namespace slipway::proof
