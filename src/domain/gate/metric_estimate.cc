#include "domain/gate/metric_estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "domain/gate/judgement.h"
#include "domain/stats/bootstrap.h"
#include "domain/stats/proportion.h"
#include "domain/stats/ranking.h"

namespace slipway::gate {
namespace {

constexpr std::uint64_t kMostWork = 400'000'000;  // rows x resamples
constexpr std::uint64_t kLeastResamples = 200;

using Rows = std::span<const std::uint32_t>;

// As many resamples as asked, fewer where the work would be too much.
std::uint32_t affordable(Rows rows, const Resampling& resampling) {
  const std::uint64_t most =
      std::max<std::uint64_t>(kLeastResamples, kMostWork / std::max<std::size_t>(rows.size(), 1));
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(resampling.resamples, most));
}

// The bootstrap over positions 0 .. rows-1 of a list of rows. `value` sees the drawn rows themselves.
template <class Value>
Result<Estimate> resampled(Rows rows, const Value& value, double level, const Resampling& resampling, double reach) {
  const std::uint32_t resamples = affordable(rows, resampling);
  stats::Xoshiro256 random(resampling.seed);
  std::vector<std::uint32_t> drawn;
  const auto statistic = [&](Rows positions) {
    drawn.resize(positions.size());
    std::transform(positions.begin(), positions.end(), drawn.begin(), [rows](std::uint32_t at) { return rows[at]; });
    return value(Rows(drawn));
  };
  const stats::BootstrapOutcome outcome =
      TRY(stats::bootstrap(rows.size(), statistic, {.resamples = resamples, .confidence = level}, random));
  Estimate found{outcome.estimate, outcome.interval, "bootstrap, " + plural(resamples, "resample")};
  if (found.interval.low == found.interval.high) {
    found.interval = {found.value - reach, found.value + reach};
  }
  return found;
}

// Resampling rows without one mistake shows no mistake ever, however few they are. What it cannot show is bounded as
// for a rate: m rows without a mistake leave a rate of up to 1 - tail^(1/m), m the rows of the rarest class. 0 for
// metrics without such an edge.
double unseen(const HoldOut& data, Metric metric, Rows rows, double level) {
  if (metric != Metric::Precision && metric != Metric::Recall && metric != Metric::F1 &&
      metric != Metric::AveragePrecision) {
    return 0;
  }
  std::vector<std::uint64_t> of_class(data.classes, 0);
  for (const std::uint32_t row : rows) ++of_class[data.truth_classes[row]];
  std::uint64_t rarest = rows.size();
  for (const std::uint64_t count : of_class) rarest = count > 0 ? std::min(rarest, count) : rarest;
  return 1 - std::pow((1 - level) / 2, 1 / static_cast<double>(rarest));
}

struct Scored {
  std::vector<std::uint8_t> truth;
  std::vector<double> scores;
};
Scored scored(const HoldOut& data, const MetricColumn& column, Rows rows) {
  Scored found;
  for (const std::uint32_t row : rows) {
    found.truth.push_back(data.truth_classes[row] == 1 ? 1 : 0);
    found.scores.push_back(column.by_row()[row]);
  }
  return found;
}

// The error of a plain bootstrap of it is larger than its width: stats/calibration.h.
Result<Estimate> calibration_estimate(const HoldOut& data, const MetricColumn& column, Rows rows, double level,
                                      const Resampling& resampling, const stats::Bins& bins) {
  Scored of;
  for (const std::uint32_t row : rows) {
    of.truth.push_back(data.truth_classes[row] == data.candidate.classes[row] ? 1 : 0);
    of.scores.push_back(column.by_row()[row]);
  }
  const double value = TRY(stats::calibration_error(of.truth, of.scores, bins));
  stats::Xoshiro256 random(resampling.seed);
  const std::uint32_t resamples = affordable(rows, resampling);
  const stats::Interval interval =
      TRY(stats::calibration_error_interval(of.truth, of.scores, bins, level, resamples, random));
  return Estimate{value, interval, "resampled in bins, " + plural(resamples, "resample")};
}

stats::Rate hits(const MetricColumn& column, Rows rows) {
  const auto right =
      std::count_if(rows.begin(), rows.end(), [&](std::uint32_t row) { return column.by_row()[row] > 0; });
  return {static_cast<std::uint64_t>(right), rows.size()};
}

Result<Estimate> accuracy_gain(const MetricColumn& candidate, const MetricColumn& live, Rows rows, double level) {
  stats::PairedCounts counts;
  for (const std::uint32_t row : rows) {
    const bool first = candidate.by_row()[row] > 0, second = live.by_row()[row] > 0;
    ++(first ? (second ? counts.both : counts.only_first) : (second ? counts.only_second : counts.neither));
  }
  const stats::Interval interval = TRY(stats::paired_rate_difference(counts, level));
  const double value = (static_cast<double>(counts.only_first) - static_cast<double>(counts.only_second)) /
                       static_cast<double>(rows.size());
  const double p = stats::mcnemar_exact(counts.only_first, counts.only_second).p_value;
  return Estimate{value, interval,
                  "paired rates, " + std::to_string(counts.only_first) + " rows right only now and " +
                      std::to_string(counts.only_second) + " only before, McNemar p " + text_of(p)};
}

// Rows are checked once, so that a bad index is an error and not a read out of bounds.
Result<void> check_rows(const HoldOut& data, Rows rows) {
  if (rows.empty()) return invalid_input("expected at least one row, found none");
  const auto bad = std::find_if(rows.begin(), rows.end(), [&](std::uint32_t row) { return row >= data.rows(); });
  if (bad == rows.end()) return {};
  return invalid_input("expected rows below " + std::to_string(data.rows()) + ", found " + std::to_string(*bad));
}

}  // namespace

std::vector<std::uint32_t> all_rows(const HoldOut& data) {
  std::vector<std::uint32_t> rows(data.rows());
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

Result<Estimate> estimate(const HoldOut& data, Metric metric, Rows rows, double level, const Resampling& resampling,
                          const stats::Bins& bins) {
  TRY(check_rows(data, rows));
  const MetricColumn column = TRY(MetricColumn::prepare(data, data.candidate, metric, bins));
  if (metric == Metric::Accuracy) {
    const stats::Rate right = hits(column, rows);
    return Estimate{right.value(), TRY(stats::clopper_pearson(right, level)), "Clopper-Pearson"};
  }
  if (metric == Metric::Auroc) {
    const Scored of = scored(data, column, rows);
    const stats::AurocEstimate found = TRY(stats::auroc_estimate(of.truth, of.scores, level));
    return Estimate{found.value, found.interval, "DeLong"};
  }
  if (metric == Metric::Ece) return calibration_estimate(data, column, rows, level, resampling, bins);
  return resampled(
      rows, [&](Rows drawn) { return column.on(drawn); }, level, resampling, unseen(data, metric, rows, level));
}

Result<Estimate> estimate_gain(const HoldOut& data, Metric metric, Rows rows, double level,
                               const Resampling& resampling) {
  TRY(check_rows(data, rows));
  if (!data.live) return invalid_input("expected the live version's predictions, found none");
  const MetricColumn candidate = TRY(MetricColumn::prepare(data, data.candidate, metric));
  const MetricColumn live = TRY(MetricColumn::prepare(data, *data.live, metric));
  if (metric == Metric::Accuracy) return accuracy_gain(candidate, live, rows, level);
  if (metric == Metric::Auroc) {
    const Scored now = scored(data, candidate, rows), before = scored(data, live, rows);
    const stats::AurocComparison found = TRY(stats::compare_auroc(now.truth, now.scores, before.scores, level));
    return Estimate{found.first - found.second, found.interval, "DeLong, p " + text_of(found.test.p_value)};
  }
  const double sign = is_better_when_larger(metric) ? 1 : -1;
  return resampled(
      rows, [&](Rows drawn) { return sign * (candidate.on(drawn) - live.on(drawn)); }, level, resampling,
      unseen(data, metric, rows, level));
}

Result<Estimate> estimate_lead(const HoldOut& data, Metric metric, Rows slice, double level,
                               const Resampling& resampling) {
  TRY(check_rows(data, slice));
  const MetricColumn column = TRY(MetricColumn::prepare(data, data.candidate, metric));
  std::vector<bool> is_inside(data.rows(), false);
  for (const std::uint32_t row : slice) is_inside[row] = true;
  const std::vector<std::uint32_t> every = all_rows(data);
  std::vector<std::uint32_t> inside, outside;
  const auto part = [&](Rows rows) {
    inside.clear();
    outside.clear();
    for (const std::uint32_t row : rows) (is_inside[row] ? inside : outside).push_back(row);
  };
  part(every);
  if (outside.empty()) return invalid_input("expected rows outside of the slice, found none");
  if (metric == Metric::Accuracy) {
    const stats::Rate in = hits(column, inside), out = hits(column, outside);
    return Estimate{in.value() - out.value(), TRY(stats::rate_difference(in, out, level)), "Newcombe"};
  }
  if (metric == Metric::Ece)
    return invalid_input("ece: grows as rows become fewer, so a slice is not held against others");
  const double sign = is_better_when_larger(metric) ? 1 : -1;
  const auto lead = [&](Rows drawn) {
    part(drawn);
    return sign * (column.on(inside) - column.on(outside));
  };
  return resampled(every, lead, level, resampling, unseen(data, metric, slice, level));
}

}  // namespace slipway::gate
