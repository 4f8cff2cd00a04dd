#include <algorithm>
#include <cmath>
#include <limits>

#include "domain/gate/metric_estimate.h"
#include "domain/stats/calibration.h"
#include "domain/stats/ranking.h"

namespace slipway::gate {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kLeastProbability = 0x1.0p-52;

bool is_of_regression(Metric metric) {
  return metric == Metric::Rmse || metric == Metric::Mae || metric == Metric::RSquared;
}

bool needs_probabilities(Metric metric) {
  return metric == Metric::Auroc || metric == Metric::AveragePrecision || metric == Metric::LogLoss ||
         metric == Metric::Brier || metric == Metric::Ece;
}

bool needs_two_classes(Metric metric) {
  return metric == Metric::Auroc || metric == Metric::AveragePrecision || metric == Metric::Brier;
}

double squared(double x) {
  return x * x;
}

// What one row contributes: see MetricColumn::by_row().
double of_row(const HoldOut& data, const Predicted& predicted, Metric metric, std::size_t row) {
  const auto probability = [&](std::uint32_t of) { return predicted.probabilities[row * data.classes + of]; };
  switch (metric) {
    case Metric::Accuracy:
    case Metric::Precision:
    case Metric::Recall:
    case Metric::F1:
      return predicted.classes[row] == data.truth_classes[row] ? 1 : 0;
    case Metric::Auroc:
    case Metric::AveragePrecision:
      return probability(1);
    case Metric::Ece:
      return probability(predicted.classes[row]);
    case Metric::Brier:
      return squared(probability(1) - data.truth_classes[row]);
    case Metric::LogLoss:
      return -std::log(std::clamp(probability(data.truth_classes[row]), kLeastProbability, 1 - kLeastProbability));
    case Metric::Rmse:
    case Metric::RSquared:
      return squared(predicted.values[row] - data.truth_values[row]);
    case Metric::Mae:
      return std::abs(predicted.values[row] - data.truth_values[row]);
  }
  return 0;
}

}  // namespace

Result<MetricColumn> MetricColumn::prepare(const HoldOut& data, const Predicted& predicted, Metric metric,
                                           const stats::Bins& bins) {
  const std::string name(name_of(metric));
  if (is_of_regression(metric) != (data.task == Task::Regression)) {
    return invalid_input(name + ": expected a metric of " +
                         (data.task == Task::Regression ? "a regression (rmse, mae, r_squared)" : "a classification"));
  }
  if (needs_two_classes(metric) && data.classes != 2) {
    return invalid_input(name + ": expected two classes, found " + std::to_string(data.classes));
  }
  if (needs_probabilities(metric) && predicted.probabilities.empty()) {
    return invalid_input(name + ": expected probabilities, and the model gives classes only");
  }
  MetricColumn column(data, predicted, metric, bins);
  column.by_row_.resize(data.rows());
  for (std::size_t row = 0; row < data.rows(); ++row) column.by_row_[row] = of_row(data, predicted, metric, row);
  return column;
}

double MetricColumn::on(std::span<const std::uint32_t> rows) const {
  if (rows.empty()) return kNone;
  const auto mean = [&] {
    double sum = 0;
    for (const std::uint32_t row : rows) sum += by_row_[row];
    return sum / static_cast<double>(rows.size());
  };
  switch (metric_) {
    case Metric::Precision:
    case Metric::Recall:
    case Metric::F1:
      return of_counts(rows);
    case Metric::Auroc:
    case Metric::AveragePrecision:
    case Metric::Ece:
      return of_scores(rows);
    case Metric::RSquared:
      return r_squared(rows);
    case Metric::Rmse:
      return std::sqrt(mean());
    case Metric::Accuracy:
    case Metric::LogLoss:
    case Metric::Brier:
    case Metric::Mae:
      return mean();
  }
  return kNone;
}

double MetricColumn::of_counts(std::span<const std::uint32_t> rows) const {
  struct Count {
    double hits = 0, predicted = 0, actual = 0;
  };
  std::vector<Count> counts(data_->classes);
  for (const std::uint32_t row : rows) {
    const std::uint32_t truth = data_->truth_classes[row], found = predicted_->classes[row];
    counts[truth].actual += 1;
    counts[found].predicted += 1;
    if (truth == found) counts[truth].hits += 1;
  }
  const auto ratio = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
  const auto value = [&](const Count& count) {
    if (metric_ == Metric::Precision) return ratio(count.hits, count.predicted);
    if (metric_ == Metric::Recall) return ratio(count.hits, count.actual);
    return ratio(2 * count.hits, count.predicted + count.actual);
  };
  if (data_->classes == 2) return value(counts[1]);
  double sum = 0, used = 0;
  for (const Count& count : counts) {
    if (count.predicted + count.actual == 0) continue;
    sum += value(count);
    used += 1;
  }
  return sum / used;
}

double MetricColumn::of_scores(std::span<const std::uint32_t> rows) const {
  std::vector<std::uint8_t> truth(rows.size());
  std::vector<double> scores(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t row = rows[i];
    const std::uint32_t hit = metric_ == Metric::Ece ? predicted_->classes[row] : 1;
    truth[i] = data_->truth_classes[row] == hit ? 1 : 0;
    scores[i] = by_row_[row];
  }
  const Result<double> value = metric_ == Metric::Auroc              ? stats::auroc(truth, scores)
                               : metric_ == Metric::AveragePrecision ? stats::average_precision(truth, scores)
                                                                     : stats::calibration_error(truth, scores, bins_);
  return value.ok() ? *value : kNone;
}

double MetricColumn::r_squared(std::span<const std::uint32_t> rows) const {
  const auto count = static_cast<double>(rows.size());
  double sum = 0, errors = 0, spread = 0;
  for (const std::uint32_t row : rows) {
    sum += data_->truth_values[row];
    errors += by_row_[row];
  }
  for (const std::uint32_t row : rows) spread += squared(data_->truth_values[row] - sum / count);
  return spread > 0 ? 1 - errors / spread : kNone;
}

}  // namespace slipway::gate
