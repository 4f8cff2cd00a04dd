#include "domain/stats/classification.h"

#include <string>

#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

struct Counts {
  double hits = 0, predicted = 0, actual = 0;
};

Counts counts_of(const ConfusionMatrix& matrix, std::uint32_t positive) {
  Counts counts;
  counts.hits = static_cast<double>(matrix.at(positive, positive));
  for (std::uint32_t other = 0; other < matrix.classes; ++other) {
    counts.predicted += static_cast<double>(matrix.at(other, positive));
    counts.actual += static_cast<double>(matrix.at(positive, other));
  }
  return counts;
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

PrecisionRecall of(const Counts& counts) {
  return {ratio(counts.hits, counts.predicted), ratio(counts.hits, counts.actual),
          ratio(2 * counts.hits, counts.predicted + counts.actual)};
}

}  // namespace

Result<ConfusionMatrix> confusion(std::span<const std::uint32_t> truth, std::span<const std::uint32_t> predicted,
                                  std::uint32_t classes) {
  TRY(check_same_length(truth.size(), predicted.size(), "true and predicted classes"));
  if (truth.empty()) return invalid_input("true classes: expected at least one row, found none");
  if (classes < 2 || classes > kMostClasses) {
    return invalid_input("expected 2 to " + std::to_string(kMostClasses) + " classes, found " +
                         std::to_string(classes));
  }
  ConfusionMatrix matrix{classes, std::vector<std::uint64_t>(std::size_t{classes} * classes, 0)};
  for (std::size_t row = 0; row < truth.size(); ++row) {
    if (truth[row] >= classes || predicted[row] >= classes) {
      return invalid_input("expected classes below " + std::to_string(classes) + ", found true " +
                           std::to_string(truth[row]) + " and predicted " + std::to_string(predicted[row]) +
                           " in row " + std::to_string(row));
    }
    ++matrix.counts[std::size_t{truth[row]} * classes + predicted[row]];
  }
  return matrix;
}

double accuracy(const ConfusionMatrix& matrix) {
  double hits = 0, rows = 0;
  for (std::uint32_t positive = 0; positive < matrix.classes; ++positive) {
    hits += static_cast<double>(matrix.at(positive, positive));
  }
  for (const std::uint64_t count : matrix.counts) rows += static_cast<double>(count);
  return hits / rows;
}

PrecisionRecall precision_recall_of(const ConfusionMatrix& matrix, std::uint32_t positive) {
  return of(counts_of(matrix, positive));
}

PrecisionRecall precision_recall(const ConfusionMatrix& matrix, Averaging averaging) {
  Counts summed;
  PrecisionRecall mean;
  double weights = 0;
  for (std::uint32_t positive = 0; positive < matrix.classes; ++positive) {
    const Counts counts = counts_of(matrix, positive);
    if (counts.predicted + counts.actual == 0) continue;
    summed = {summed.hits + counts.hits, summed.predicted + counts.predicted, summed.actual + counts.actual};
    const double weight = averaging == Averaging::Weighted ? counts.actual : 1;
    const PrecisionRecall one = of(counts);
    mean.precision += weight * one.precision;
    mean.recall += weight * one.recall;
    mean.f1 += weight * one.f1;
    weights += weight;
  }
  if (averaging == Averaging::Micro) return of(summed);
  return {ratio(mean.precision, weights), ratio(mean.recall, weights), ratio(mean.f1, weights)};
}

}  // namespace slipway::stats
