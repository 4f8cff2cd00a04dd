// Proportions: k successes of n, and how two of them differ. Rates in [0, 1]; InvalidInput for k > n, n = 0 where a
// rate is asked for, a probability or confidence outside of its range.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

struct Rate {
  std::uint64_t successes = 0;
  std::uint64_t trials = 0;
  double value() const { return static_cast<double>(successes) / static_cast<double>(trials); }
};

// Exact test of a success probability p. Two-sided: the sum over outcomes that are no likelier than the one seen (up to
// 1e-7 relative), as R's binom.test and scipy's binomtest. The statistic is the rate; without trials it is 0 and p 1.
Result<TestOutcome> binomial_test(const Rate& seen, double p, Alternative alternative);

// Clopper and Pearson, "The use of confidence or fiducial limits", 1934: exact, covers at least as often as stated.
Result<Interval> clopper_pearson(const Rate& seen, double confidence);
// Wilson, "Probable inference, the law of succession, and statistical inference", 1927, without continuity correction.
Result<Interval> wilson(const Rate& seen, double confidence);

// first - second of independent samples: Newcombe, "Interval estimation for the difference between independent
// proportions", 1998, method 10, from Wilson's intervals.
Result<Interval> rate_difference(const Rate& first, const Rate& second, double confidence);
// first / second of independent samples: Donner and Zou, "Closed-form confidence intervals for functions of the normal
// mean and standard deviation", 2012 (the method of variance estimates recovery), from Wilson's intervals. The high
// bound is infinite if the second rate may be 0.
Result<Interval> rate_ratio(const Rate& first, const Rate& second, double confidence);

// What two classifiers did on the same rows.
struct PairedCounts {
  std::uint64_t both = 0;
  std::uint64_t only_first = 0;
  std::uint64_t only_second = 0;
  std::uint64_t neither = 0;
};
// Rate of the first - rate of the second: Newcombe, "Improved confidence intervals for the difference between binomial
// proportions based on paired data", 1998, method 10.
Result<Interval> paired_rate_difference(const PairedCounts& counts, double confidence);

// McNemar's test that both are right equally often. Exact: binomial over the discordant rows. Corrected: chi-square of
// (max(0, |b - c| - 1))^2 / (b + c) (Edwards 1948). Without discordant rows the statistic is 0 and p 1.
TestOutcome mcnemar_exact(std::uint64_t only_first, std::uint64_t only_second);  // statistic: the smaller count
TestOutcome mcnemar_corrected(std::uint64_t only_first, std::uint64_t only_second);

// How many trials without one success bound the rate by `most` at this one-sided confidence: ln(1 - c) / ln(1 - most),
// rounded up. InvalidInput unless both lie inside (0, 1).
Result<std::uint64_t> trials_to_exclude(double most, double confidence);

}  // namespace slipway::stats
