#include "adapter/plan_yaml/evidence_plan.h"

#include "adapter/plan_yaml/agreement_section.h"
#include "adapter/plan_yaml/rollout_plan.h"
#include "adapter/plan_yaml/values.h"

namespace slipway::plan_yaml {
namespace {

using evidence::EvidencePlan;
using evidence::MetricPlan;
using yaml::Field;

constexpr std::array<std::string_view, 19> kPlanKeys = {"alpha",
                                                        "beta",
                                                        "power",
                                                        "metrics",
                                                        "slices",
                                                        "slice_columns",
                                                        "limits",
                                                        "slice_share",
                                                        "unit",
                                                        "fuse",
                                                        "most_units",
                                                        "warm_up_requests",
                                                        "mismatch_alpha",
                                                        "agreement",
                                                        "alpha_over",
                                                        "preset",
                                                        "stages",
                                                        "automation",
                                                        "approval_to_complete"};  // the last four: the steps
constexpr std::array<std::string_view, 15> kMetricKeys = {"name",
                                                          "source",
                                                          "direction",
                                                          "column",
                                                          "feedback",
                                                          "measure",
                                                          "range",
                                                          "weight",
                                                          "margin_ratio",
                                                          "margin_difference",
                                                          "margin_relative",
                                                          "tolerance_ratio",
                                                          "tolerance_difference",
                                                          "design",
                                                          "minimum_sample"};
constexpr std::array<std::string_view, 5> kSources = {"errors", "latency", "prediction", "outcome", "amount"};
constexpr std::array<std::string_view, 3> kDirections = {"larger_is_worse", "smaller_is_worse", "either_way"};
constexpr std::array<std::string_view, 4> kFeedback = {"label", "reward", "conversion", "cost"};
constexpr std::array<std::string_view, 3> kMeasures = {"value", "right", "distance"};
constexpr std::array<std::string_view, 3> kUnits = {"request", "key", "either"};
constexpr std::array<std::string_view, 2> kBudgets = {"rollout", "model"};
constexpr std::array<std::string_view, 2> kFuseKeys = {"errors", "window"};

Result<std::optional<double>> margin(const Field& field) {
  return std::optional(TRY(not_negative(field)));
}

template <class Enum, std::size_t N>
auto word_of(const std::array<std::string_view, N>& words) {
  return [&words](const Field& field) -> Result<Enum> { return static_cast<Enum>(TRY(one_of(field, words))); };
}

Result<void> read_range(const Field& field, MetricPlan& metric) {
  const auto ends = TRY(field.items(2));
  if (ends.size() != 2) return field.expected("a list of two numbers, the least and the largest");
  metric.low = TRY(any_number(ends[0]));
  metric.high = TRY(any_number(ends[1]));
  return {};
}

Result<MetricPlan> read_metric(const Field& field) {
  TRY(field.check_keys(kMetricKeys));
  MetricPlan metric;
  const auto called = field.find("name");
  if (!called) return field.expected("a metric with a name");
  metric.name = TRY(name(*called));
  const auto source = field.find("source");
  if (!source) return field.expected("a metric with a source: errors, latency, prediction, outcome or amount");
  TRY(take(field, "source", metric.source, word_of<evidence::Source>(kSources)));
  TRY(take(field, "direction", metric.direction, word_of<evidence::Direction>(kDirections)));
  TRY(take(field, "column", metric.column, [](const Field& value) -> Result<std::uint32_t> {
    return static_cast<std::uint32_t>(TRY(value.integer(0, 3)));
  }));
  TRY(take(field, "feedback", metric.feedback, [](const Field& value) -> Result<std::optional<evidence::Feedback>> {
    return std::optional(static_cast<evidence::Feedback>(TRY(one_of(value, kFeedback))));
  }));
  TRY(take(field, "measure", metric.measure, word_of<evidence::Measure>(kMeasures)));
  if (const auto range = field.find("range")) TRY(read_range(*range, metric));
  TRY(take(field, "weight", metric.weight, not_negative));
  TRY(take(field, "margin_ratio", metric.margin_ratio, margin));
  TRY(take(field, "margin_difference", metric.margin_difference, margin));
  TRY(take(field, "margin_relative", metric.margin_relative, margin));
  TRY(take(field, "tolerance_ratio", metric.tolerance_ratio, not_negative));
  TRY(take(field, "tolerance_difference", metric.tolerance_difference, not_negative));
  TRY(take(field, "design", metric.design, not_negative));
  TRY(take(field, "minimum_sample", metric.minimum_sample,
           [](const Field& value) -> Result<std::uint64_t> { return static_cast<std::uint64_t>(TRY(rows(value))); }));
  return metric;
}

Result<std::optional<evidence::SeverityFuse>> read_fuse(const Field& field) {
  if (field.is(yaml::Kind::Scalar) && field.node().scalar == "off") return std::optional<evidence::SeverityFuse>();
  TRY(field.check_keys(kFuseKeys));
  evidence::SeverityFuse fuse;
  const auto few = [](const Field& value) -> Result<std::uint32_t> {
    return static_cast<std::uint32_t>(TRY(value.integer(1, 64)));
  };
  TRY(take(field, "errors", fuse.errors, few));
  TRY(take(field, "window", fuse.window, few));
  return std::optional(fuse);
}

Result<std::vector<evidence::LimitPlan>> read_limits(const Field& field) {
  static constexpr std::array<std::string_view, 5> kKeys = {"name", "server", "query", "least", "most"};
  std::vector<evidence::LimitPlan> limits;
  for (const Field& item : TRY(field.items(evidence::kMostLimits))) {
    TRY(item.check_keys(kKeys));
    evidence::LimitPlan& limit = limits.emplace_back();
    TRY(take(item, "name", limit.name, name));
    TRY(take(item, "server", limit.server, name));
    TRY(take(item, "query", limit.query, name));
    const auto bound = [](const Field& value) -> Result<std::optional<double>> {
      return std::optional(TRY(any_number(value)));
    };
    TRY(take(item, "least", limit.least, bound));
    TRY(take(item, "most", limit.most, bound));
  }
  return limits;
}

Result<std::vector<evidence::SlicedColumn>> read_slice_columns(const Field& field) {
  std::vector<evidence::SlicedColumn> columns;
  for (const auto& [column, said] : TRY(field.entries(model::kMostSliceColumns))) {
    const auto source = model::parse_slice_source(TRY(said.text()));
    if (!source) {
      return said.expected(
          "what the column is read from: header NAME, query NAME, input NAME, input NAME[ELEMENT] or "
          "principal");
    }
    columns.push_back({column, *source});
  }
  return columns;
}

Result<void> read_settings(const Field& root, EvidencePlan& plan) {
  TRY(take(root, "alpha", plan.alpha, inside_unit));
  TRY(take(root, "beta", plan.beta, inside_unit));
  TRY(take(root, "power", plan.power, inside_unit));
  TRY(take(root, "mismatch_alpha", plan.mismatch_alpha, inside_unit));
  TRY(take(root, "slice_share", plan.slice_share, inside_unit));
  TRY(take(root, "slices", plan.slices, names));
  TRY(take(root, "slice_columns", plan.slice_columns, read_slice_columns));
  TRY(take(root, "limits", plan.limits, read_limits));
  TRY(take(root, "unit", plan.unit, word_of<evidence::Unit>(kUnits)));
  TRY(take(root, "alpha_over", plan.budget, word_of<evidence::Budget>(kBudgets)));
  TRY(take(root, "fuse", plan.fuse, read_fuse));
  const auto whole = [](const Field& field) -> Result<std::uint64_t> {
    return static_cast<std::uint64_t>(TRY(field.integer(0, kMostRows)));
  };
  TRY(take(root, "most_units", plan.most_units, whole));
  TRY(take(root, "warm_up_requests", plan.warm_up_requests, whole));
  return {};
}

// The planned looks of an A/B test among the steps: they are evidence too.
Result<std::optional<evidence::LookPlan>> read_looks(std::string_view yaml, std::string_view name) {
  const rollout::Plan steps = TRY(RolloutPlanYaml().read(yaml, name));
  std::optional<evidence::LookPlan> looks;
  for (const rollout::Stage& stage : steps.stages) {
    const auto* test = std::get_if<rollout::AbTest>(&stage.strategy);
    if (test == nullptr || test->mode != rollout::Horizon::Fixed) continue;
    looks.emplace(evidence::LookPlan{.units = test->units,
                                     .looks = test->looks,
                                     .spending = test->spending,
                                     .share = test->weight.count / 10'000.0});
  }
  return looks;
}

// Of a plan that names none.
std::vector<MetricPlan> usual_metrics() {
  return {{.name = "error_rate", .weight = 2, .margin_ratio = 1.5, .margin_difference = 0.005},
          {.name = "latency", .source = evidence::Source::Latency, .margin_ratio = 2}};
}

}  // namespace

Result<EvidencePlan> read_evidence_plan(std::string_view yaml, std::string_view name) {
  const yaml::Document document = TRY(yaml::parse(yaml, name));
  const Field root(document, document.root, "");
  TRY(root.check_keys(kPlanKeys));
  EvidencePlan plan;
  TRY(read_settings(root, plan));
  const auto metrics = root.find("metrics");
  if (root.find("stages")) plan.looks = TRY(read_looks(yaml, name));
  TRY(take(root, "agreement", plan.agreement, read_agreement));
  if (metrics) {
    for (const Field& item : TRY(metrics->items(evidence::kMostMetrics))) {
      plan.metrics.push_back(TRY(read_metric(item)));
    }
  } else if (plan.agreement.metrics.empty()) {
    plan.metrics = usual_metrics();
  }
  const auto checked = evidence::check(plan);
  if (!checked.ok()) return metrics.value_or(root).wrong(checked.error().message);
  return plan;
}

}  // namespace slipway::plan_yaml
