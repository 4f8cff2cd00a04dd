#include "domain/evidence/agreement_plan.h"

#include <array>
#include <cmath>

#include "domain/evidence/named_items.h"

namespace slipway::evidence {
namespace {

constexpr std::array<std::string_view, kPairSourceCount> kSources{"errors",       "class",    "value",  "bias",
                                                                  "distribution", "accuracy", "numeric"};

Result<void> check_inside(std::string_view what, double value, double least, double most) {
  if (value > least && value < most) return {};
  return invalid_input(std::string(what) + ": expected a number above " + std::to_string(least) + " and below " +
                       std::to_string(most) + ", found " + std::to_string(value));
}

Result<void> check_where(std::string_view what, bool is_allowed, std::string_view where) {
  if (is_allowed) return {};
  return invalid_input(std::string(what) + ": expected only for " + std::string(where));
}

Result<void> check_metric(const PairMetricPlan& metric) {
  if (metric.name.empty()) return invalid_input("name: expected a text that is not empty");
  TRY(check_inside("weight", metric.weight, 0, 1e6));
  TRY(check_inside("most", metric.most, 0, 0.5));
  TRY(check_inside("scale", metric.scale, 0, 1e30));
  if (metric.column >= 4) return invalid_input("column: expected 0 to 3, found " + std::to_string(metric.column));
  const stats::Tolerance& tolerance = metric.tolerance;
  const bool has_tolerance = tolerance != stats::Tolerance{};
  TRY(check_where("absolute, relative, ulps",
                  !has_tolerance || metric.source == PairSource::Value || metric.source == PairSource::Numeric,
                  "values and numeric equivalence"));
  if (!(tolerance.absolute >= 0 && std::isfinite(tolerance.absolute))) {
    return invalid_input("absolute: expected at least 0, found " + std::to_string(tolerance.absolute));
  }
  if (!(tolerance.relative >= 0 && tolerance.relative < 1)) {
    return invalid_input("relative: expected at least 0 and below 1, found " + std::to_string(tolerance.relative));
  }
  const bool is_difference = metric.source == PairSource::Bias || metric.source == PairSource::Accuracy;
  const double span = metric.source == PairSource::Bias ? metric.scale : 1;
  if (metric.margin_difference) {
    TRY(check_where("margin_difference", is_difference, "bias and accuracy"));
    TRY(check_inside("margin_difference", *metric.margin_difference, 0, span));
  }
  TRY(check_where("tolerance_difference", metric.tolerance_difference == 0 || is_difference, "bias and accuracy"));
  if (!(metric.tolerance_difference >= 0 && metric.tolerance_difference < span)) {
    return invalid_input("tolerance_difference: expected at least 0 and less than the scale, found " +
                         std::to_string(metric.tolerance_difference));
  }
  if (metric.margin_difference && metric.tolerance_difference > *metric.margin_difference) {
    return invalid_input("tolerance_difference: expected no more than the margin, found more");
  }
  return {};
}

}  // namespace

std::string_view name_of(PairSource source) {
  return kSources.at(static_cast<std::size_t>(source));
}

bool is_share(PairSource source) {
  return source != PairSource::Bias && source != PairSource::Distribution && source != PairSource::Accuracy;
}

Result<void> check(const AgreementPlan& plan) {
  TRY(check_inside("alpha_share", plan.alpha_share, 0, 1));
  TRY(check_inside("most_lost", plan.most_lost, 0, 1));
  if (plan.metrics.size() > kMostPairMetrics) {
    return invalid_input("metrics: expected at most " + std::to_string(kMostPairMetrics) + ", found " +
                         std::to_string(plan.metrics.size()));
  }
  return check_named("metric", plan.metrics, check_metric);
}

}  // namespace slipway::evidence
