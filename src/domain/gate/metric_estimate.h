// Metric estimates: a metric of a model on some rows, a gain over the live version, a gap to other rows, with
// intervals.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/gate/gates.h"
#include "domain/gate/hold_out.h"
#include "domain/stats/calibration.h"
#include "domain/stats/interval.h"

namespace slipway::gate {

// One metric of one model, prepared so that it can be evaluated on any rows, again and again. Borrows the data. A
// value.
class MetricColumn {
 public:
  // InvalidInput if the metric does not fit the task, or needs probabilities that the model does not give.
  static Result<MetricColumn> prepare(const HoldOut& data, const Predicted& predicted, Metric metric,
                                      const stats::Bins& bins = {});

  // NaN where the rows give the metric no value: none, or one class only.
  double on(std::span<const std::uint32_t> rows) const;

  Metric metric() const { return metric_; }
  // By row: is it right (accuracy), the score of the positive class (AUROC, average precision, Brier), its loss.
  const std::vector<double>& by_row() const { return by_row_; }

 private:
  MetricColumn(const HoldOut& data, const Predicted& predicted, Metric metric, const stats::Bins& bins)
      : data_(&data), predicted_(&predicted), metric_(metric), bins_(bins) {}
  double of_counts(std::span<const std::uint32_t> rows) const;
  double of_scores(std::span<const std::uint32_t> rows) const;
  double r_squared(std::span<const std::uint32_t> rows) const;

  const HoldOut* data_;
  const Predicted* predicted_;
  Metric metric_;
  stats::Bins bins_;  // of the calibration error
  std::vector<double> by_row_;
};

struct Estimate {
  double value = 0;
  stats::Interval interval;
  std::string method;
};

// Two-sided at `level`. Accuracy: Clopper and Pearson; AUROC: DeLong; the others: bootstrap (BCa) with as many
// resamples as asked, fewer (at least 200) where rows x resamples would exceed 400 million.
Result<Estimate> estimate(const HoldOut& data, Metric metric, std::span<const std::uint32_t> rows, double level,
                          const Resampling& resampling, const stats::Bins& bins = {});

// Candidate against live on the same rows, positive where the candidate is better. Accuracy: Newcombe's paired
// interval, with McNemar's exact p in the method; AUROC: DeLong; the others: paired bootstrap.
Result<Estimate> estimate_gain(const HoldOut& data, Metric metric, std::span<const std::uint32_t> rows, double level,
                               const Resampling& resampling);

// The rows of a slice against all others, positive where the slice is better. Accuracy: Newcombe; the others: bootstrap
// of all rows.
Result<Estimate> estimate_lead(const HoldOut& data, Metric metric, std::span<const std::uint32_t> slice, double level,
                               const Resampling& resampling);

std::vector<std::uint32_t> all_rows(const HoldOut& data);

}  // namespace slipway::gate
