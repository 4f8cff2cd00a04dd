#include "domain/proof/scenario.h"

namespace slipway::proof {
namespace {

// The ramps. A step lasts its dwell at least, until a tenfold harm (`design: 10`) would have been found with the power
// asked for, and while evidence of harm is above a tenth of its bar. Without a margin nothing promotes: the last weight
// stays, and every rollout is watched to the end.
constexpr std::string_view kRamp =
    "stages: [{canary: {weights: [5%, 10%, 25%, 50%, 100%], dwell: 10m, holdback: 0%}}]\n";
constexpr std::string_view kQuickRamp =
    "stages: [{canary: {weights: [5%, 10%, 25%, 50%, 100%], dwell: 5m, holdback: 0%}}]\n";
constexpr std::string_view kShortRamp = "stages: [{canary: {weights: [10%, 50%], dwell: 2m, holdback: 0%}}]\n";
constexpr std::string_view kTenth = "stages: [{ab_test: {weight: 10%}}]\n";
constexpr std::string_view kBandit = "stages: [{bandit: {update_every: 1m}}]\n";
// Of the rules of others, by time alone.
const std::vector<RampStep> kTimed{{0.05, 600}, {0.1, 600}, {0.25, 600}, {0.5, 1'800}};

constexpr std::string_view kErrors = "  - {name: error_rate, source: errors, design: 10, weight: 2}\n";
constexpr std::string_view kLatency = "  - {name: latency, source: latency, design: 10}\n";
constexpr std::string_view kRevenue = "  - {name: revenue, source: amount, direction: smaller_is_worse}\n";
constexpr std::string_view kValue = "  - {name: value, source: prediction, direction: either_way}\n";
constexpr std::string_view kMargin = "  - {name: error_rate, source: errors, margin_ratio: 2}\n";
constexpr std::string_view kLatencyMargin = "  - {name: latency, source: latency, margin_ratio: 2}\n";
// What is twice as often is no harm yet, and not shown to be safe either.
constexpr std::string_view kTolerant =
    "  - {name: error_rate, source: errors, margin_ratio: 2, tolerance_ratio: 2, design: 10}\n";

template <class... Metrics>
std::string plan(std::string_view ramp, Metrics... metrics) {
  return std::string(ramp) + "metrics:\n" + (std::string(metrics) + ...);
}

std::string slices(int count) {
  std::string text = "slices: [";
  for (int i = 0; i < count; ++i) text += (i > 0 ? ", s" : "s") + std::to_string(i);
  return text + "]\n";
}

// Ten metrics, several of them looking at the same thing.
std::string ten_metrics() {
  std::string text = slices(20) + plan(kShortRamp, kErrors, kLatency, kRevenue);
  text += "  - {name: error_rate_2, source: errors, tolerance_ratio: 1.1}\n";
  text += "  - {name: latency_2, source: latency, tolerance_ratio: 1.1}\n";
  text += "  - {name: orders, source: amount}\n";
  for (int i = 0; i < 4; ++i) {
    text += "  - {name: value_" + std::to_string(i) + ", source: prediction, column: " + std::to_string(i) +
            (i < 2 ? ", direction: either_way}\n" : "}\n");
  }
  return text;
}

std::vector<Scenario> equal_versions() {
  const Target equal{.most_rollbacks = 0.05}, broken{.most_rollbacks = 0.05, .is_violated = true};
  const Target nothing{.most_rollbacks = 0, .most_promotions = 0};
  const std::string errors = plan(kRamp, kErrors), both = plan(kRamp, kErrors, kLatency);
  return {
      {.id = "AA1",
       .what = "10 requests/s, 0.5 % errors, latency",
       .course = {.per_second = 10, .has_latency = true},
       .plan = both,
       .target = equal,
       .rivals_ramp = kTimed,
       .rivals = {{Rival::PooledZ, 0.25},
                  {Rival::Thresholds, 0.2},
                  {Rival::Flagger, 0.9},
                  {Rival::ArgoThird, 0, 0.05},
                  {Rival::Kayenta, 0, 0.05}}},
      {.id = "AA1b",
       .what = "100 requests/s, 0.05 % errors",
       .course = {.error_rate = 0.0005},
       .plan = errors,
       .target = equal,
       .rivals_ramp = kTimed,
       .rivals = {{Rival::PooledZ, 0.2}}},
      {.id = "AA1c",
       .what = "100 requests/s, 1.2 % errors",
       .course = {.error_rate = 0.012},
       .plan = errors,
       .target = equal,
       .rivals_ramp = kTimed,
       .rivals = {{Rival::PooledZ, 0.25}, {Rival::Flagger, 0.95}}},
      {.id = "AA1d",
       .what = "1000 requests/s, 0.5 % errors",
       .course = {.per_second = 1'000},
       .plan = errors,
       .target = equal,
       .rivals_ramp = kTimed,
       .rivals = {{Rival::PooledZ, 0.25}}},
      {.id = "AA1e",
       .what = "100 requests/s, 5 % errors",
       .course = {.error_rate = 0.05},
       .plan = errors,
       .target = equal,
       .rivals_ramp = kTimed,
       .rivals = {{Rival::PooledZ, 0.25}, {Rival::Flagger, 0.95}}},
      {.id = "AA1f",
       .what = "100 requests/s, 0.5 % errors",
       .course = {},
       .plan = errors,
       .target = equal,
       .rivals_ramp = kTimed,
       .rivals = {{Rival::PooledZ, 0.25}, {Rival::ArgoThird, 0, 0.05}}},
      {.id = "AA1x",
       .what = "control: alpha is twice what is asked",
       .course = {.per_second = 20, .error_rate = 0.05},
       .plan = "alpha: 0.1\n" + errors,
       .target = broken,
       .least_rollouts = 1'000},
      {.id = "AA1y",
       .what = "control: evidence begins anew at each step",
       .course = {.per_second = 20, .error_rate = 0.05},
       .plan = errors,
       .target = broken,
       .fault = Fault::BeginsAnew,
       .least_rollouts = 200},
      {.id = "AA2",
       .what = "an incident of both, 8 % errors for 5 min",
       .course = {.incident_rate = 0.08},
       .plan = errors,
       .target = equal,
       .rivals_ramp = kTimed,
       .rivals = {{Rival::PooledZ, 0.95},
                  {Rival::Thresholds, 0.95},
                  {Rival::Flagger, 0.95},
                  {Rival::ArgoFirst, 0.95},
                  {Rival::Kayenta, 0, 0.05}}},
      {.id = "AA2b",
       .what = "traffic and errors swing threefold",
       .course = {.is_diurnal = true},
       .plan = errors,
       .target = equal,
       .rivals_ramp = kTimed,
       .rivals = {{Rival::PooledZ, 0.25}}},
      {.id = "AA3",
       .what = "sticky users, errors in bursts of 5",
       .course = {.burst = 5},
       .plan = "unit: key\n" + errors,
       .target = equal},
      {.id = "AA3b",
       .what = "sticky users, errors in bursts of 20",
       .course = {.burst = 20},
       .plan = "unit: key\n" + errors,
       .target = equal},
      {.id = "AA3x", .what = "control: the same by request", .course = {.burst = 20}, .plan = errors, .target = broken},
      {.id = "AA4",
       .what = "heavy-tailed revenue, 10 % of the traffic",
       .course = {.per_second = 10, .error_rate = 0.001, .revenue_rate = 0.02},
       .plan = plan(kTenth, kRevenue),
       .target = equal,
       .rivals = {{Rival::AsymptoticSequence, 0.15}}},
      {.id = "AA5",
       .what = "a bandit moves the share every minute, errors swing",
       .course = {.error_rate = 0.02, .is_diurnal = true},
       .plan = plan(kBandit, kErrors),
       .target = equal,
       .rivals = {{Rival::PooledZ, 0.25}}},
      {.id = "AA6",
       .what = "ten metrics in twenty slices",
       .course = {.per_second = 10,
                  .seconds = 300,
                  .error_rate = 0.02,
                  .has_latency = true,
                  .values = 4,
                  .revenue_rate = 0.1,
                  .slices = 20},
       .plan = ten_metrics(),
       .target = {.most_rollbacks = 0.05, .most_named_falsely = 0.05}},
      {.id = "AA7",
       .what = "kills, a clock that jumps, evidence that cannot be read at times, values that are no numbers",
       .course = {.per_second = 10, .error_rate = 0.01, .has_latency = true, .values = 1},
       .plan = plan(kRamp, kErrors, kLatency, kValue),
       .target = equal,
       .trouble = Trouble::Mixed},
      {.id = "AA7b",
       .what = "no traffic",
       .course = {.per_second = 0},
       .plan = plan(kQuickRamp, kMargin),
       .target = nothing},
      {.id = "AA7c",
       .what = "evidence can never be read",
       .course = {},
       .plan = plan(kQuickRamp, kMargin),
       .target = nothing,
       .trouble = Trouble::NoSource},
      {.id = "AA7d",
       .what = "no latency is a number",
       .course = {.per_second = 10, .seconds = 900, .has_latency = true},
       .plan = plan(kQuickRamp, kLatencyMargin),
       .target = nothing,
       .trouble = Trouble::NoNumbers},
      {.id = "AA8",
       .what = "cold start: the first 200 answers three times slower, warm-up rule",
       .course = {.per_second = 10, .has_latency = true, .cold_requests = 200},
       .plan = "warm_up_requests: 200\n" + both,
       .target = equal},
      {.id = "AA8x",
       .what = "control: the same without the rule",
       .course = {.per_second = 10, .has_latency = true, .cold_requests = 200},
       .plan = both,
       .target = broken},
  };
}

std::vector<Scenario> worse_versions() {
  const std::string errors = plan(kRamp, kErrors), both = plan(kRamp, kErrors, kLatency);
  return {
      {.id = "P1",
       .what = "errors 0.5 -> 1 %, 100 requests/s, latency watched too",
       .course = {.has_latency = true, .error_ratio = 2},
       .plan = both,
       .target = {.least_rollbacks = 0.99, .median_minutes = 9, .median_candidate = 2'700},
       .rivals_ramp = kTimed,
       .rivals = {{Rival::ArgoThird, 0, 0.05}}},
      {.id = "P2",
       .what = "errors 0.5 -> 1 %, 10 requests/s",
       .course = {.per_second = 10, .has_latency = true, .error_ratio = 2},
       .plan = plan(kQuickRamp, kErrors, kLatency),
       .target = {.least_rollbacks = 0.95, .median_minutes = 32},
       .rivals_ramp = kTimed,
       .rivals = {{Rival::ArgoThird, 0, 0.05}, {Rival::Kayenta, 0, 0.3}}},
      {.id = "P3",
       .what = "errors 0.05 -> 0.1 %, 100 requests/s",
       .course = {.error_rate = 0.0005, .error_ratio = 2},
       .plan = plan(kQuickRamp, kErrors),
       .target = {.least_rollbacks = 0.95, .median_minutes = 33},
       .rivals_ramp = kTimed,
       .rivals = {{Rival::Thresholds, 0, 0.05},
                  {Rival::Flagger, 0, 0.05},
                  {Rival::ArgoFirst, 0, 0.05},
                  {Rival::Kayenta, 0, 0.3}}},
      {.id = "P4",
       .what = "errors 0.05 -> 0.25 %, 100 requests/s",
       .course = {.error_rate = 0.0005, .error_ratio = 5},
       .plan = errors,
       .target = {.least_rollbacks = 0.99, .median_minutes = 8},
       .rivals_ramp = kTimed,
       .rivals = {{Rival::Thresholds, 0, 0.05}, {Rival::Flagger, 0, 0.05}, {Rival::ArgoFirst, 0, 0.05}}},
      {.id = "P5",
       .what = "latency x 1.3, 100 requests/s",
       .course = {.has_latency = true, .latency_ratio = 1.3},
       .plan = both,
       .target = {.least_rollbacks = 0.99, .median_minutes = 2, .median_candidate = 400},
       .rivals_ramp = kTimed,
       .rivals = {{Rival::ArgoThird, 0, 0.05}, {Rival::Flagger, 0, 0.3}}},
      {.id = "P5b",
       .what = "latency x 1.3, 10 requests/s",
       .course = {.per_second = 10, .has_latency = true, .latency_ratio = 1.3},
       .plan = both,
       .target = {.least_rollbacks = 0.99, .median_minutes = 5, .median_candidate = 400},
       .rivals_ramp = kTimed,
       .rivals = {{Rival::ArgoThird, 0, 0.05}}},
      {.id = "P6",
       .what = "2 % of the answers a second later, 100 requests/s",
       .course = {.has_latency = true, .slow_share = 0.02},
       .plan = both,
       .target = {.least_rollbacks = 0.99, .median_minutes = 3}},
      {.id = "P7",
       .what = "predictions shifted by 0.05 deviations, 10 % of the traffic",
       .course = {.seconds = 2'000, .error_rate = 0.001, .values = 1, .value_shift = 0.05},
       .plan = plan(kTenth, kValue),
       .target = {.least_rollbacks = 0.9, .median_candidate = 4'500, .median_requests = 45'000}},
      {.id = "P8",
       .what = "errors in one of twenty slices only, 0.5 -> 10 %; harm pauses",
       .course = {.slices = 20, .slice_error_ratio = 20},
       .plan = "automation: {roll_back: false}\n" + slices(20) + errors,
       .target = {.least_named = 0.9, .most_named_falsely = 0.05}},
      {.id = "P9",
       .what = "a crash: half of the answers are errors",
       .course = {.seconds = 60, .error_ratio = 100},
       .plan = errors,
       .target = {.least_rollbacks = 0.99, .median_candidate = 20}},
      {.id = "P10",
       .what = "information used to find x 2, error metric alone",
       .course = {.error_ratio = 2},
       .plan = errors,
       .target = {.least_rollbacks = 0.99, .oracle_ratio = 1.6},
       .rivals_ramp = kTimed,
       .rivals = {{Rival::ArgoThird, 0, 0.05}}},
      {.id = "P10b",
       .what = "the same at 1000 requests/s",
       .course = {.per_second = 1'000, .error_ratio = 2},
       .plan = errors,
       .target = {.least_rollbacks = 0.99, .median_minutes = 2, .median_candidate = 3'000, .oracle_ratio = 1.6},
       .rivals_ramp = kTimed,
       .rivals = {{Rival::ArgoThird, 0, 0.05}}},
      {.id = "P11",
       .what = "promotion of an equal version, margin 2, 100 requests/s",
       .course = {},
       .plan = plan(kQuickRamp, kMargin),
       .target = {.most_rollbacks = 0.05, .least_promotions = 0.9}},
      {.id = "P11b",
       .what = "a version at the margin, which is no harm yet",
       .course = {.error_ratio = 2},
       .plan = plan(kQuickRamp, kTolerant),
       .target = {.most_rollbacks = 0.05, .most_promotions = 0.05, .most_safe = 0.05}},
  };
}

}  // namespace

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all = equal_versions();
  for (Scenario& scenario : worse_versions()) all.push_back(std::move(scenario));
  return all;
}

}  // namespace slipway::proof
