// Fairness: how far the rates of declared groups lie apart, with intervals that hold for all pairs of groups together.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "domain/stats/interval.h"
#include "domain/stats/proportion.h"

namespace slipway::stats {

// A gap between groups, and the two groups (indices) that it lies between: the largest rate and the smallest.
struct RateGap {
  double value = 0;
  Interval interval;
  std::size_t largest = 0;
  std::size_t smallest = 0;
};

// The largest rate - the smallest, in [0, 1]. The interval: every pair's difference by Newcombe at 1 - (1 - c) / pairs,
// low the largest distance that some pair shows, high the largest that none excludes. Demographic parity difference for
// rates of positive predictions, equal opportunity difference for true positive rates (Hardt, Price and Srebro,
// "Equality of opportunity in supervised learning", 2016). InvalidInput for fewer than two or more than 1,000 groups,
// or one without trials.
Result<RateGap> rate_gap(std::span<const Rate> groups, double confidence);

// The smallest rate / the largest, in [0, 1] (four-fifths rule); 1 if all are 0. The interval likewise, by Donner and
// Zou's interval of each pair's ratio.
Result<RateGap> rate_quotient(std::span<const Rate> groups, double confidence);

// Equalized odds difference: the larger of the gaps of the true positive and the false positive rates, each at
// 1 - (1 - c) / 2. Requires: the same groups in both.
Result<RateGap> odds_gap(std::span<const Rate> true_positives, std::span<const Rate> false_positives,
                         double confidence);

}  // namespace slipway::stats
