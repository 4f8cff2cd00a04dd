#include "adapter/plan_yaml/gate_policies.h"

#include <algorithm>

#include "adapter/plan_yaml/values.h"

namespace slipway::plan_yaml {
namespace {

using ports::GatePlan;
using yaml::Field;
using Keys = std::initializer_list<std::string_view>;

Result<void> check_keys(const Field& field, Keys keys) {
  if (field.is(yaml::Kind::Null)) return {};  // "load:" alone asks for the gate with its defaults
  return field.check_keys(std::span(keys.begin(), keys.size()));
}

Result<void> read_interface(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"allowed"}));
  gate::InterfacePolicy policy;
  static constexpr std::array<std::string_view, 3> kChanges = {"compatible", "widened", "breaking"};
  TRY(take(field, "allowed", policy.allowed, [](const Field& value) -> Result<gate::InterfaceChange> {
    return static_cast<gate::InterfaceChange>(TRY(one_of(value, kChanges)));
  }));
  plan.gates.interface = policy;
  return {};
}

Result<void> read_load(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"longest_load", "least_warmup_runs"}));
  gate::LoadPolicy policy;
  TRY(take(field, "longest_load", policy.longest_load, duration));
  TRY(take(field, "least_warmup_runs", policy.least_warmup_runs,
           [](const Field& value) { return value.integer(0, 1000); }));
  plan.gates.load = policy;
  return {};
}

Result<void> read_golden(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"least_cases"}));
  gate::GoldenPolicy policy;
  TRY(take(field, "least_cases", policy.least_cases, rows));
  plan.gates.golden = policy;
  return {};
}

Result<void> read_determinism(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"least_rows"}));
  gate::DeterminismPolicy policy;
  TRY(take(field, "least_rows", policy.least_rows, rows));
  plan.gates.determinism = policy;
  return {};
}

Result<gate::LatencyBudget> read_budget(const Field& field) {
  TRY(check_keys(field, {"rows", "quantile", "budget", "ratio_to_live"}));
  gate::LatencyBudget budget;
  TRY(take(field, "rows", budget.rows, [](const Field& value) { return value.integer(1, 4096); }));
  TRY(take(field, "quantile", budget.quantile, inside_unit));
  TRY(take(field, "budget", budget.budget, duration));
  TRY(take(field, "ratio_to_live", budget.ratio_to_live, not_negative));
  if (!budget.budget && !budget.ratio_to_live) return field.wrong("expected budget, ratio_to_live or both, found none");
  return budget;
}

Result<void> read_latency(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"budgets", "confidence"}));
  gate::LatencyPolicy policy;
  TRY(take(field, "confidence", policy.confidence, inside_unit));
  const auto budgets = field.find("budgets");
  if (!budgets) return field.wrong("expected budgets, found none");
  for (const Field& item : TRY(budgets->items(kMostItems))) policy.budgets.push_back(TRY(read_budget(item)));
  if (policy.budgets.empty()) return budgets->expected("at least one budget");
  plan.latency_rows.clear();
  for (const gate::LatencyBudget& budget : policy.budgets) {
    if (!std::ranges::count(plan.latency_rows, budget.rows)) plan.latency_rows.push_back(budget.rows);
  }
  plan.gates.latency = std::move(policy);
  return {};
}

Result<void> read_memory(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"most", "ratio_to_live"}));
  gate::MemoryPolicy policy;
  TRY(take(field, "most", policy.most, amount));
  TRY(take(field, "ratio_to_live", policy.ratio_to_live, not_negative));
  if (!policy.most && !policy.ratio_to_live) return field.wrong("expected most, ratio_to_live or both, found none");
  plan.gates.memory = policy;
  return {};
}

Result<gate::Metric> metric(const Field& field) {
  const auto found = gate::parse_metric(TRY(field.text()));
  if (!found) {
    return field.expected(
        "a metric: accuracy, precision, recall, f1, auroc, average_precision, log_loss, brier, ece, rmse, mae, "
        "r_squared");
  }
  return *found;
}

Result<gate::QualityRule> read_rule(const Field& field) {
  TRY(check_keys(field, {"metric", "threshold", "live", "margin"}));
  gate::QualityRule rule;
  static constexpr std::array<std::string_view, 3> kAgainst = {"nothing", "better", "not_worse"};
  TRY(take(field, "metric", rule.metric, metric));
  TRY(take(field, "threshold", rule.threshold, any_number));
  TRY(take(field, "live", rule.live, [](const Field& value) -> Result<gate::Against> {
    return static_cast<gate::Against>(TRY(one_of(value, kAgainst)));
  }));
  TRY(take(field, "margin", rule.margin, not_negative));
  if (!field.find("metric")) return field.wrong("expected metric, found none");
  if (!rule.threshold && rule.live == gate::Against::Nothing) {
    return field.wrong("expected threshold, live or both, found none");
  }
  return rule;
}

Result<void> read_quality(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"rules", "confidence", "least_rows"}));
  gate::QualityPolicy policy;
  TRY(take(field, "confidence", policy.confidence, inside_unit));
  TRY(take(field, "least_rows", policy.least_rows, rows));
  const auto rules = field.find("rules");
  if (!rules) return field.wrong("expected rules, found none");
  for (const Field& item : TRY(rules->items(kMostItems))) policy.rules.push_back(TRY(read_rule(item)));
  if (policy.rules.empty()) return rules->expected("at least one rule");
  plan.gates.quality = std::move(policy);
  return {};
}

Result<void> read_slices(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"by", "metric", "threshold", "gap", "confidence", "least_rows"}));
  gate::SlicesPolicy policy;
  TRY(take(field, "metric", policy.metric, metric));
  TRY(take(field, "threshold", policy.threshold, any_number));
  TRY(take(field, "gap", policy.gap, not_negative));
  TRY(take(field, "confidence", policy.confidence, inside_unit));
  TRY(take(field, "least_rows", policy.least_rows, rows));
  if (!field.find("by")) return field.wrong("expected by, the columns whose values are slices, found none");
  TRY(take(field, "by", plan.slices_by, names));
  if (!policy.threshold && !policy.gap) return field.wrong("expected threshold, gap or both, found none");
  plan.gates.slices = policy;
  return {};
}

Result<void> read_behaviour(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"tests", "most_failing", "confidence", "least_cases"}));
  gate::BehaviourPolicy policy;
  TRY(take(field, "most_failing", policy.most_failing, rate));
  TRY(take(field, "confidence", policy.confidence, inside_unit));
  TRY(take(field, "least_cases", policy.least_cases, rows));
  if (!field.find("tests")) return field.wrong("expected tests, found none");
  TRY(take(field, "tests", plan.behaviour, read_behaviour_tests));
  plan.gates.behaviour = policy;
  return {};
}

Result<void> read_robustness(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"tests", "most_failing", "confidence", "least_cases"}));
  gate::RobustnessPolicy policy;
  TRY(take(field, "most_failing", policy.most_failing, rate));
  TRY(take(field, "confidence", policy.confidence, inside_unit));
  TRY(take(field, "least_cases", policy.least_cases, rows));
  if (!field.find("tests")) return field.wrong("expected tests, found none");
  TRY(take(field, "tests", plan.robustness, read_robustness_tests));
  plan.gates.robustness = policy;
  return {};
}

Result<void> read_fairness(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"by", "parity_difference", "parity_ratio", "opportunity_difference", "odds_difference",
                         "confidence", "least_rows"}));
  gate::FairnessPolicy policy;
  TRY(take(field, "parity_difference", policy.parity_difference, rate));
  TRY(take(field, "parity_ratio", policy.parity_ratio, rate));
  TRY(take(field, "opportunity_difference", policy.opportunity_difference, rate));
  TRY(take(field, "odds_difference", policy.odds_difference, rate));
  TRY(take(field, "confidence", policy.confidence, inside_unit));
  TRY(take(field, "least_rows", policy.least_rows, rows));
  if (!field.find("by")) return field.wrong("expected by, the columns whose values are groups, found none");
  TRY(take(field, "by", plan.fairness_by, names));
  if (!policy.parity_difference && !policy.parity_ratio && !policy.opportunity_difference && !policy.odds_difference) {
    return field.wrong(
        "expected parity_difference, parity_ratio, opportunity_difference or odds_difference, found none");
  }
  plan.gates.fairness = policy;
  return {};
}

Result<void> read_calibration(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"ece", "brier", "bins", "confidence", "least_rows"}));
  gate::CalibrationPolicy policy;
  TRY(take(field, "ece", policy.ece, rate));
  TRY(take(field, "brier", policy.brier, rate));
  TRY(take(field, "bins", policy.bins, [](const Field& value) { return value.integer(2, 1000); }));
  TRY(take(field, "confidence", policy.confidence, inside_unit));
  TRY(take(field, "least_rows", policy.least_rows, rows));
  if (!policy.ece && !policy.brier) return field.wrong("expected ece, brier or both, found none");
  plan.gates.calibration = policy;
  return {};
}

Result<void> read_regression(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"cases"}));
  if (!field.find("cases")) return field.wrong("expected cases, a file of rows that failed once, found none");
  TRY(take(field, "cases", plan.regression_cases, name));
  plan.gates.regression = gate::RegressionPolicy{};
  return {};
}

Result<void> read_schema(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"most_missing", "most_out_of_range", "most_unseen", "unknown_columns_allowed", "least_rows"}));
  gate::SchemaPolicy policy;
  TRY(take(field, "most_missing", policy.most_missing, rate));
  TRY(take(field, "most_out_of_range", policy.most_out_of_range, rate));
  TRY(take(field, "most_unseen", policy.most_unseen, rate));
  TRY(take(field, "unknown_columns_allowed", policy.unknown_columns_allowed,
           [](const Field& value) { return value.boolean(); }));
  TRY(take(field, "least_rows", policy.least_rows, rows));
  plan.gates.schema = policy;
  return {};
}

Result<void> read_model_card(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"required"}));
  gate::ModelCardPolicy policy;
  TRY(take(field, "required", policy.required, names));
  plan.gates.model_card = std::move(policy);
  return {};
}

Result<void> read_licence(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"allowed"}));
  gate::LicencePolicy policy;
  if (!field.find("allowed")) return field.wrong("expected allowed, a list of SPDX identifiers, found none");
  TRY(take(field, "allowed", policy.allowed, names));
  plan.gates.licence = std::move(policy);
  return {};
}

Result<void> read_signing(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"unsigned"}));
  gate::SigningPolicy policy;
  static constexpr std::array<std::string_view, 2> kUnsigned = {"warn", "require"};
  TRY(take(field, "unsigned", policy.unsigned_versions, [](const Field& value) -> Result<gate::Signing> {
    return static_cast<gate::Signing>(TRY(one_of(value, kUnsigned)));
  }));
  plan.gates.signing = policy;
  return {};
}

Result<void> read_size(const Field& field, GatePlan& plan) {
  TRY(check_keys(field, {"most", "most_files"}));
  gate::SizePolicy policy;
  TRY(take(field, "most", policy.most, amount));
  TRY(take(field, "most_files", policy.most_files, rows));
  plan.gates.size = policy;
  return {};
}

constexpr GateKey kGates[] = {
    {"interface", read_interface, [](GatePlan& plan) { plan.gates.interface.reset(); }},
    {"load", read_load, [](GatePlan& plan) { plan.gates.load.reset(); }},
    {"golden", read_golden, [](GatePlan& plan) { plan.gates.golden.reset(); }},
    {"determinism", read_determinism, [](GatePlan& plan) { plan.gates.determinism.reset(); }},
    {"latency", read_latency, [](GatePlan& plan) { plan.gates.latency.reset(); }},
    {"memory", read_memory, [](GatePlan& plan) { plan.gates.memory.reset(); }},
    {"quality", read_quality, [](GatePlan& plan) { plan.gates.quality.reset(); }},
    {"slices", read_slices, [](GatePlan& plan) { plan.gates.slices.reset(); }},
    {"behaviour", read_behaviour, [](GatePlan& plan) { plan.gates.behaviour.reset(); }},
    {"robustness", read_robustness, [](GatePlan& plan) { plan.gates.robustness.reset(); }},
    {"fairness", read_fairness, [](GatePlan& plan) { plan.gates.fairness.reset(); }},
    {"calibration", read_calibration, [](GatePlan& plan) { plan.gates.calibration.reset(); }},
    {"regression", read_regression, [](GatePlan& plan) { plan.gates.regression.reset(); }},
    {"schema", read_schema, [](GatePlan& plan) { plan.gates.schema.reset(); }},
    {"model_card", read_model_card, [](GatePlan& plan) { plan.gates.model_card.reset(); }},
    {"licence", read_licence, [](GatePlan& plan) { plan.gates.licence.reset(); }},
    {"signing", read_signing, [](GatePlan& plan) { plan.gates.signing.reset(); }},
    {"size", read_size, [](GatePlan& plan) { plan.gates.size.reset(); }},
};

}  // namespace

std::span<const GateKey> gate_keys() {
  return kGates;
}

}  // namespace slipway::plan_yaml
