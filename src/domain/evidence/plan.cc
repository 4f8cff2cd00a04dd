#include "domain/evidence/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "domain/evidence/named_items.h"
#include "domain/stats/distribution.h"

namespace slipway::evidence {
namespace {

constexpr std::array<std::string_view, 5> kSources{"errors", "latency", "prediction", "outcome", "amount"};
constexpr std::array<std::string_view, 3> kDirections{"larger_is_worse", "smaller_is_worse", "either_way"};

struct Range {
  double least, most;  // both excluded
};

Result<void> check_inside(std::string_view what, double value, Range range) {
  if (value > range.least && value < range.most) return {};
  return invalid_input(std::string(what) + ": expected a number above " + std::to_string(range.least) + " and below " +
                       std::to_string(range.most) + ", found " + std::to_string(value));
}

Result<void> check_where(std::string_view what, bool is_allowed, std::string_view where) {
  if (is_allowed) return {};
  return invalid_input(std::string(what) + ": expected only for " + std::string(where));
}

Result<void> check_margins(const MetricPlan& metric) {
  const bool is_ratio = metric.source == Source::Errors || metric.source == Source::Latency;
  const bool is_value = metric.source == Source::Outcome || metric.source == Source::Amount;
  const double span = metric.source == Source::Outcome ? metric.high - metric.low : 1;
  if (metric.margin_ratio) {
    TRY(check_where("margin_ratio", is_ratio, "errors and latency"));
    TRY(check_inside("margin_ratio", *metric.margin_ratio, {1, 1e6}));
  }
  if (metric.margin_difference) {
    TRY(check_where("margin_difference", metric.source != Source::Latency && metric.source != Source::Amount,
                    "errors, predictions and outcomes"));
    TRY(check_inside("margin_difference", *metric.margin_difference, {0, span}));
  }
  if (metric.margin_relative) {
    TRY(check_where("margin_relative", is_value && metric.low == 0, "amounts, and outcomes whose low is 0"));
    TRY(check_inside("margin_relative", *metric.margin_relative, {0, 1}));
    if (metric.margin_difference) return invalid_input("expected margin_relative or margin_difference, found both");
  }
  TRY(check_where("tolerance_ratio", metric.tolerance_ratio == 1 || is_ratio, "errors and latency"));
  if (!(metric.tolerance_ratio >= 1 && metric.tolerance_ratio < 1e6)) {
    return invalid_input("tolerance_ratio: expected at least 1, found " + std::to_string(metric.tolerance_ratio));
  }
  TRY(check_where(
      "tolerance_difference",
      metric.tolerance_difference == 0 || metric.source == Source::Prediction || metric.source == Source::Outcome,
      "predictions and outcomes"));
  if (!(metric.tolerance_difference >= 0 && metric.tolerance_difference < span)) {
    return invalid_input("tolerance_difference: expected at least 0 and less than the whole range, found " +
                         std::to_string(metric.tolerance_difference));
  }
  const bool is_beyond = (metric.margin_ratio && metric.tolerance_ratio > *metric.margin_ratio) ||
                         (metric.margin_difference && metric.tolerance_difference > *metric.margin_difference);
  if (is_beyond) return invalid_input("tolerance: expected no more than the margin, found more");
  return {};
}

Result<void> check_metric(const MetricPlan& metric) {
  if (metric.name.empty()) return invalid_input("name: expected a text that is not empty");
  TRY(check_inside("weight", metric.weight, {0, 1e6}));
  if (metric.column >= 4) {
    return invalid_input("column: expected 0 to 3, found " + std::to_string(metric.column));
  }
  if (!(std::isfinite(metric.low) && std::isfinite(metric.high) && metric.low < metric.high)) {
    return invalid_input("range: expected low below high, found " + std::to_string(metric.low) + " and " +
                         std::to_string(metric.high));
  }
  const bool is_ratio = metric.source == Source::Errors || metric.source == Source::Latency;
  TRY(check_where("direction", !is_ratio || metric.direction == Direction::LargerIsWorse,
                  "predictions, outcomes and amounts; of errors and latency larger is worse"));
  const bool is_outcome = metric.source == Source::Outcome || metric.source == Source::Amount;
  TRY(check_where("feedback", is_outcome || !metric.feedback, "outcomes and amounts"));
  TRY(check_where("measure", is_outcome || metric.measure == Measure::Value, "outcomes and amounts"));
  TRY(check_margins(metric));
  if (metric.design != 0) TRY(check_inside("design", metric.design, {is_ratio ? 1.0 : 0.0, 1e6}));
  return {};
}

Result<void> check_looks(const EvidencePlan& plan) {
  if (plan.looks->units < 100 || plan.looks->units > 1'000'000'000'000) {
    return invalid_input("units: expected 100 to 1000000000000, found " + std::to_string(plan.looks->units));
  }
  if (plan.looks->looks == 0 || plan.looks->looks > stats::kMostLooks) {
    return invalid_input("looks: expected 1 to " + std::to_string(stats::kMostLooks) + ", found " +
                         std::to_string(plan.looks->looks));
  }
  TRY(check_inside("share", plan.looks->share, {0, 1}));
  const auto is_compared = [](const MetricPlan& metric) {
    return metric.source == Source::Outcome || metric.source == Source::Amount;
  };
  if (std::any_of(plan.metrics.begin(), plan.metrics.end(), is_compared)) return {};
  return invalid_input("expected a metric of outcomes or amounts, which a planned test compares, found none");
}

Result<void> check_limit(const LimitPlan& limit) {
  if (limit.name.empty()) return invalid_input("name: expected a text that is not empty");
  if (limit.server.empty()) return invalid_input("server: expected a text that is not empty");
  if (limit.query.empty() || limit.query.size() > kLongestQuery) {
    return invalid_input("query: expected 1 to " + std::to_string(kLongestQuery) + " bytes, found " +
                         std::to_string(limit.query.size()));
  }
  if (!limit.least && !limit.most) return invalid_input("expected least, most or both, found neither");
  for (const auto& bound : {limit.least, limit.most}) {
    if (bound && !std::isfinite(*bound)) return invalid_input("least, most: expected finite numbers");
  }
  if (!limit.least || !limit.most || *limit.least <= *limit.most) return {};
  return invalid_input("least: expected no more than most, found more");
}

}  // namespace

std::string_view name_of(Source source) {
  return kSources[static_cast<std::size_t>(source)];
}

std::string_view name_of(Direction direction) {
  return kDirections[static_cast<std::size_t>(direction)];
}

double MetricPlan::design_effect() const {
  if (design != 0) return design;
  switch (source) {
    case Source::Errors:
    case Source::Latency:
      return 2;
    case Source::Prediction:
      return 0.1;
    case Source::Outcome:
      return margin_difference ? *margin_difference : 0.05 * (high - low);
    case Source::Amount:
      return 0.2;
  }
  return 0;
}

double false_alarm_probability(const SeverityFuse& fuse, double error_rate) {
  return stats::binomial_at_least(fuse.errors, fuse.window, error_rate);
}

Result<void> check(const EvidencePlan& plan) {
  TRY(check_inside("alpha", plan.alpha, {0, 0.5}));
  TRY(check_inside("beta", plan.beta, {0, 0.5}));
  TRY(check_inside("power", plan.power, {0.01, 1}));
  TRY(check_inside("mismatch_alpha", plan.mismatch_alpha, {0, 0.5}));
  TRY(check_inside("slice_share", plan.slice_share, {0, 1}));
  const auto agreement = check(plan.agreement);
  if (!agreement.ok()) return Error(agreement.error()).within("agreement");
  const bool has_none = plan.metrics.empty() && plan.agreement.metrics.empty();
  if (has_none || plan.metrics.size() > kMostMetrics) {
    return invalid_input("metrics: expected 1 to " + std::to_string(kMostMetrics) + ", found " +
                         std::to_string(plan.metrics.size()));
  }
  if (plan.slices.size() > kMostSlices) {
    return invalid_input("slices: expected at most " + std::to_string(kMostSlices) + ", found " +
                         std::to_string(plan.slices.size()));
  }
  if (std::set<std::string>(plan.slices.begin(), plan.slices.end()).size() != plan.slices.size()) {
    return invalid_input("slices: expected each name once");
  }
  if (plan.most_units < 1'000 || plan.most_units > (std::uint64_t{1} << 28U)) {
    return invalid_input("most_units: expected 1000 to 268435456, found " + std::to_string(plan.most_units));
  }
  if (plan.fuse && (plan.fuse->errors == 0 || plan.fuse->window > 64 || plan.fuse->errors > plan.fuse->window)) {
    return invalid_input("fuse: expected 1 to 64 answers and at least one error of them, found " +
                         std::to_string(plan.fuse->errors) + " of " + std::to_string(plan.fuse->window));
  }
  if (plan.looks) {
    const auto looks = check_looks(plan);
    if (!looks.ok()) return Error(looks.error()).within("a test with planned looks");
  }
  if (plan.limits.size() > kMostLimits) {
    return invalid_input("limits: expected at most " + std::to_string(kMostLimits) + ", found " +
                         std::to_string(plan.limits.size()));
  }
  TRY(check_named("limit", plan.limits, check_limit));
  return check_named("metric", plan.metrics, check_metric);
}

}  // namespace slipway::evidence
