// Quantiles, and intervals of them that hold for any distribution.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

// The q-quantile by linear interpolation between order statistics at (n - 1) q (Hyndman and Fan 1996, type 7; numpy's
// and R's default). InvalidInput for no values, a value that is NaN or infinite, q outside [0, 1].
Result<double> quantile(std::span<const double> values, double q);
// The same of values that are sorted and checked. Requires: sorted, not empty, q in [0, 1].
double quantile_of_sorted(std::span<const double> sorted, double q);

// Order statistics that hold the q-quantile between them with at least this confidence, for any distribution; for one
// with steps they cover more often. low is the largest rank l with P(Bin(n, q) < l) <= (1 - c) / 2, high the smallest
// u with P(Bin(n, q) >= u) <= (1 - c) / 2 (David and Nagaraja, "Order Statistics", 7.1). 0 and n + 1 mean unbounded.
struct RankInterval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};
Result<RankInterval> quantile_ranks(std::uint64_t n, double q, double confidence);
// The values at these ranks; where the sample is too small to bound a side, that side is infinite.
Result<Interval> quantile_interval(std::span<const double> values, double q, double confidence);

// The least sample for which both sides of the q-quantile are bounded. InvalidInput for q or confidence outside (0, 1).
Result<std::uint64_t> values_to_bound(double q, double confidence);

}  // namespace slipway::stats
