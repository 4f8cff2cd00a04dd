// Tests by ranks: whether one sample lies above the other, without a word on its distribution's form. InvalidInput for
// no values, NaN, infinity, pairs of different number.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

// Of the normal approximation: by half a step towards the null hypothesis, or not.
enum class Continuity : std::uint8_t { Corrected, Plain };

inline constexpr std::size_t kExactPairs = 50;   // Wilcoxon: exact up to so many differences, none tied
inline constexpr std::size_t kExactRanked = 50;  // Mann-Whitney: exact up to so many values together, none tied

// Wilcoxon's signed-rank test of pairs (1945). Differences of zero are left out; the statistic is the sum of the ranks
// of positive ones. Exact where stated above, else normal with the variance corrected for ties. Nothing left: p 1.
Result<TestOutcome> wilcoxon_test(std::span<const double> first, std::span<const double> second,
                                  Alternative alternative, Continuity continuity);

// Mann and Whitney's test of independent samples (1947). The statistic is U of the first: the pairs in which it is the
// larger one, ties counting half. Exact where stated above, else normal with ties corrected. All values equal: p 1.
Result<TestOutcome> mann_whitney_test(std::span<const double> first, std::span<const double> second,
                                      Alternative alternative, Continuity continuity);

}  // namespace slipway::stats
