// Student's family: whether two means differ, and by how much. InvalidInput for fewer than two values, NaN, infinity.
#pragma once

#include <span>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

struct MeanComparison {
  TestOutcome test;  // the statistic is t; if nothing varies it is 0 with p 1, or infinite with p 0 (or 1: one-sided)
  double degrees = 0;
  double difference = 0;  // first - second
  Interval interval;      // of the difference, two-sided
};

// Independent samples of unequal variances: Welch, "The generalization of Student's problem", 1947, with
// Satterthwaite's degrees of freedom.
Result<MeanComparison> welch_test(std::span<const double> first, std::span<const double> second,
                                  Alternative alternative, double confidence);
// Pairs; both of the same length.
Result<MeanComparison> paired_t_test(std::span<const double> first, std::span<const double> second,
                                     Alternative alternative, double confidence);

}  // namespace slipway::stats
