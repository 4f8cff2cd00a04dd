// Ranking: how well scores part positives from negatives. Larger scores speak for the positive class; any finite scale.
// InvalidInput for NaN, infinity, columns of different length, or only one class.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

// truth: 0 or 1 by row. P(score of a positive > score of a negative), ties counting half.
Result<double> auroc(std::span<const std::uint8_t> truth, std::span<const double> scores);

// Sum over thresholds of (recall gained) * precision, equal scores together; not interpolated.
Result<double> average_precision(std::span<const std::uint8_t> truth, std::span<const double> scores);

// DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
// characteristic curves", 1988; by midranks (Sun and Xu 2014). Variances with n - 1 on either side.
struct AurocEstimate {
  double value = 0;
  double variance = 0;
  Interval interval;
};
// At least two of each class. The interval is symmetric on the logit scale; where the variance is 0 or the value 0 or
// 1, Clopper and Pearson's of value * m of m, m the smaller class: as many pairs are independent.
Result<AurocEstimate> auroc_estimate(std::span<const std::uint8_t> truth, std::span<const double> scores,
                                     double confidence);

struct AurocComparison {
  double first = 0;
  double second = 0;
  double variance = 0;  // of the difference
  TestOutcome test;     // z, two-sided; both the same on every row: 0 with p 1
  Interval interval;    // of first - second
};
Result<AurocComparison> compare_auroc(std::span<const std::uint8_t> truth, std::span<const double> first,
                                      std::span<const double> second, double confidence);

}  // namespace slipway::stats
