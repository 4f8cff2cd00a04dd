// Tests of whole distributions: Kolmogorov-Smirnov for numbers, chi-square for counts of categories.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

inline constexpr std::uint64_t kExactCells = 1'000'000;  // n * m up to which the Kolmogorov-Smirnov p is exact

// Two samples: the statistic is the largest distance D of their distribution functions. p is P(D' >= D) without ties:
// exact by the probability that a random lattice path touches the bound (Hodges, "The significance probability of the
// Smirnov two-sample test", 1958), beyond kExactCells Kolmogorov's limit at sqrt(nm / (n + m)) D. With ties p is an
// upper bound. InvalidInput for no values, NaN, infinity.
Result<TestOutcome> kolmogorov_smirnov_test(std::span<const double> first, std::span<const double> second);

// Pearson's chi-square that all rows of counts come from the same distribution over the columns, without continuity
// correction. Rows and columns whose counts are all 0 are left out; if one row or column is left, the statistic is 0
// and p 1. InvalidInput for rows of different length or nothing counted.
struct ChiSquareOutcome {
  TestOutcome test;
  std::uint64_t degrees = 0;
};
Result<ChiSquareOutcome> chi_square_test(const std::vector<std::vector<std::uint64_t>>& table);

}  // namespace slipway::stats
