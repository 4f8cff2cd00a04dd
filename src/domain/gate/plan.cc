#include "domain/gate/plan.h"

#include <cmath>

namespace slipway::gate {
namespace {

Error wrong(std::string_view gate, const std::string& key, const std::string& expected, double found) {
  return invalid_input("gates." + std::string(gate) + "." + key + ": expected " + expected + ", found " +
                       std::to_string(found));
}

Result<void> check_confidence(std::string_view gate, double confidence) {
  if (confidence > 0.5 && confidence < 1) return {};
  return wrong(gate, "confidence", "a number between 0.5 and 1", confidence);
}

Result<void> check_rate(std::string_view gate, const std::string& key, std::optional<double> rate) {
  if (!rate || (*rate >= 0 && *rate <= 1)) return {};
  return wrong(gate, key, "a rate in [0, 1]", *rate);
}

Result<void> check_ratio(std::string_view gate, std::optional<double> ratio) {
  if (!ratio || (std::isfinite(*ratio) && *ratio > 0)) return {};
  return wrong(gate, "ratio_to_live", "a number above 0", *ratio);
}

Error nothing_to_hold_against(std::string_view gate, const std::string& keys) {
  return invalid_input("gates." + std::string(gate) + ": expected at least one of " + keys + ", found none");
}

Result<void> check_latency(const LatencyPolicy& policy) {
  TRY(check_confidence("latency", policy.confidence));
  if (policy.budgets.empty()) return nothing_to_hold_against("latency", "budgets");
  for (const LatencyBudget& budget : policy.budgets) {
    if (!(budget.quantile > 0 && budget.quantile < 1)) {
      return wrong("latency", "quantile", "a number between 0 and 1", budget.quantile);
    }
    if (budget.rows == 0) return wrong("latency", "rows", "at least 1", 0);
    if (budget.budget && budget.budget->count() <= 0) {
      return wrong("latency", "budget", "a time above 0", static_cast<double>(budget.budget->count()));
    }
    TRY(check_ratio("latency", budget.ratio_to_live));
    if (!budget.budget && !budget.ratio_to_live) return nothing_to_hold_against("latency", "budget, ratio_to_live");
  }
  return {};
}

Result<void> check_quality(const QualityPolicy& policy) {
  TRY(check_confidence("quality", policy.confidence));
  if (policy.rules.empty()) return nothing_to_hold_against("quality", "rules");
  for (const QualityRule& rule : policy.rules) {
    if (rule.threshold && !std::isfinite(*rule.threshold)) {
      return wrong("quality", "threshold", "a finite number", *rule.threshold);
    }
    if (!(std::isfinite(rule.margin) && rule.margin >= 0)) {
      return wrong("quality", "margin", "a finite number of at least 0", rule.margin);
    }
    if (!rule.threshold && rule.live == Against::Nothing) return nothing_to_hold_against("quality", "threshold, live");
  }
  return {};
}

Result<void> check_slices(const SlicesPolicy& policy) {
  TRY(check_confidence("slices", policy.confidence));
  if (policy.threshold && !std::isfinite(*policy.threshold)) {
    return wrong("slices", "threshold", "a finite number", *policy.threshold);
  }
  if (policy.gap && !(std::isfinite(*policy.gap) && *policy.gap >= 0)) {
    return wrong("slices", "gap", "a finite number of at least 0", *policy.gap);
  }
  if (!policy.threshold && !policy.gap) return nothing_to_hold_against("slices", "threshold, gap");
  return {};
}

Result<void> check_fairness(const FairnessPolicy& policy) {
  TRY(check_confidence("fairness", policy.confidence));
  TRY(check_rate("fairness", "parity_difference", policy.parity_difference));
  TRY(check_rate("fairness", "parity_ratio", policy.parity_ratio));
  TRY(check_rate("fairness", "opportunity_difference", policy.opportunity_difference));
  TRY(check_rate("fairness", "odds_difference", policy.odds_difference));
  if (policy.parity_difference || policy.parity_ratio || policy.opportunity_difference || policy.odds_difference) {
    return {};
  }
  return nothing_to_hold_against("fairness",
                                 "parity_difference, parity_ratio, opportunity_difference, odds_difference");
}

Result<void> check_calibration(const CalibrationPolicy& policy) {
  TRY(check_confidence("calibration", policy.confidence));
  TRY(check_rate("calibration", "ece", policy.ece));
  TRY(check_rate("calibration", "brier", policy.brier));
  if (policy.bins < 1 || policy.bins > 10'000) return wrong("calibration", "bins", "1 to 10000", policy.bins);
  if (!policy.ece && !policy.brier) return nothing_to_hold_against("calibration", "ece, brier");
  return {};
}

}  // namespace

Result<void> check(const Plan& plan) {
  if (plan.resamples < 100 || plan.resamples > 100'000) {
    return invalid_input("gates.resamples: expected 100 to 100000, found " + std::to_string(plan.resamples));
  }
  if (plan.latency) TRY(check_latency(*plan.latency));
  if (plan.memory) {
    TRY(check_ratio("memory", plan.memory->ratio_to_live));
    if (!plan.memory->most && !plan.memory->ratio_to_live)
      return nothing_to_hold_against("memory", "most, ratio_to_live");
  }
  if (plan.quality) TRY(check_quality(*plan.quality));
  if (plan.slices) TRY(check_slices(*plan.slices));
  if (plan.behaviour) {
    TRY(check_confidence("behaviour", plan.behaviour->confidence));
    TRY(check_rate("behaviour", "most_failing", plan.behaviour->most_failing));
  }
  if (plan.robustness) {
    TRY(check_confidence("robustness", plan.robustness->confidence));
    TRY(check_rate("robustness", "most_failing", plan.robustness->most_failing));
  }
  if (plan.fairness) TRY(check_fairness(*plan.fairness));
  if (plan.calibration) TRY(check_calibration(*plan.calibration));
  if (plan.schema) {
    TRY(check_rate("schema", "most_missing", plan.schema->most_missing));
    TRY(check_rate("schema", "most_out_of_range", plan.schema->most_out_of_range));
    TRY(check_rate("schema", "most_unseen", plan.schema->most_unseen));
  }
  if (plan.licence && plan.licence->allowed.empty()) return nothing_to_hold_against("licence", "allowed");
  return {};
}

}  // namespace slipway::gate
