#include "adapter/plan_yaml/agreement_section.h"

#include "adapter/plan_yaml/values.h"

namespace slipway::plan_yaml {
namespace {

using evidence::PairMetricPlan;
using yaml::Field;

constexpr std::array<std::string_view, 3> kKeys = {"metrics", "alpha_share", "most_lost"};
constexpr std::array<std::string_view, 12> kMetricKeys = {"name",     "source",
                                                          "column",   "most",
                                                          "absolute", "relative",
                                                          "ulps",     "margin_difference",
                                                          "scale",    "tolerance_difference",
                                                          "weight",   "minimum_sample"};
constexpr std::array<std::string_view, evidence::kPairSourceCount> kSources = {
    "errors", "class", "value", "bias", "distribution", "accuracy", "numeric"};
constexpr std::int64_t kMostUlps = 1 << 24;

Result<PairMetricPlan> read_metric(const Field& field) {
  TRY(field.check_keys(kMetricKeys));
  PairMetricPlan metric;
  const auto called = field.find("name");
  if (!called) return field.expected("a metric with a name");
  metric.name = TRY(name(*called));
  if (!field.find("source")) {
    return field.expected("a metric with a source: errors, class, value, bias, distribution, accuracy or numeric");
  }
  TRY(take(field, "source", metric.source, [](const Field& value) -> Result<evidence::PairSource> {
    return static_cast<evidence::PairSource>(TRY(one_of(value, kSources)));
  }));
  TRY(take(field, "column", metric.column, [](const Field& value) -> Result<std::uint32_t> {
    return static_cast<std::uint32_t>(TRY(value.integer(0, 3)));
  }));
  TRY(take(field, "most", metric.most, inside_unit));
  TRY(take(field, "absolute", metric.tolerance.absolute, not_negative));
  TRY(take(field, "relative", metric.tolerance.relative, not_negative));
  TRY(take(field, "ulps", metric.tolerance.ulps, [](const Field& value) -> Result<std::uint32_t> {
    return static_cast<std::uint32_t>(TRY(value.integer(0, kMostUlps)));
  }));
  TRY(take(
      field, "margin_difference", metric.margin_difference,
      [](const Field& value) -> Result<std::optional<double>> { return std::optional(TRY(not_negative(value))); }));
  TRY(take(field, "tolerance_difference", metric.tolerance_difference, not_negative));
  TRY(take(field, "scale", metric.scale, not_negative));
  TRY(take(field, "weight", metric.weight, not_negative));
  TRY(take(field, "minimum_sample", metric.minimum_sample,
           [](const Field& value) -> Result<std::uint64_t> { return static_cast<std::uint64_t>(TRY(rows(value))); }));
  return metric;
}

}  // namespace

Result<evidence::AgreementPlan> read_agreement(const Field& field) {
  TRY(field.check_keys(kKeys));
  evidence::AgreementPlan plan;
  TRY(take(field, "alpha_share", plan.alpha_share, inside_unit));
  TRY(take(field, "most_lost", plan.most_lost, inside_unit));
  const auto metrics = field.find("metrics");
  if (!metrics) return field.expected("an agreement with metrics");
  for (const Field& item : TRY(metrics->items(evidence::kMostPairMetrics))) {
    plan.metrics.push_back(TRY(read_metric(item)));
  }
  if (plan.metrics.empty()) return metrics->expected("at least one metric of pairs");
  const auto checked = evidence::check(plan);
  if (!checked.ok()) return metrics->wrong(checked.error().message);
  return plan;
}

}  // namespace slipway::plan_yaml
