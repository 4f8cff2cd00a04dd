// The bootstrap over rows: the uncertainty of any statistic of a sample, or of a difference on the same rows (paired).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "domain/stats/interval.h"
#include "domain/stats/random.h"

namespace slipway::stats {

// A statistic of the rows with these numbers, which may repeat; NaN where it has no value (one class only).
using RowStatistic = std::function<double(std::span<const std::uint32_t> rows)>;

// Percentile: the quantiles of the replicates. BiasCorrected: BCa of Efron, "Better bootstrap confidence intervals",
// 1987, with the acceleration from the jackknife.
enum class BootstrapInterval : std::uint8_t { Percentile, BiasCorrected };

struct BootstrapRules {
  std::uint32_t resamples = 2'000;  // 100 to 100,000
  double confidence = 0.95;
  BootstrapInterval interval = BootstrapInterval::BiasCorrected;
};

struct BootstrapOutcome {
  double estimate = 0;
  Interval interval;
  std::vector<double> replicates;  // in the order drawn
};

// Above so many rows the jackknife leaves out groups of neighbouring rows, so many groups, instead of single ones.
inline constexpr std::size_t kJackknifeGroups = 1'000;

// Draws `rows` row numbers with replacement, `resamples` times, by `random.below(rows)` one after the other. A paired
// comparison is a statistic that looks at both columns of a row. Replicates that are NaN are left out if they are at
// most one of 100; more, no rows, or no estimate on all rows is InvalidInput. Time: (resamples + min(rows, 1000))
// evaluations of the statistic.
Result<BootstrapOutcome> bootstrap(std::size_t rows, const RowStatistic& statistic, const BootstrapRules& rules,
                                   Xoshiro256& random);

}  // namespace slipway::stats
