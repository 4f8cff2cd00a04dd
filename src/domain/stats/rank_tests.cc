#include "domain/stats/rank_tests.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "domain/stats/distribution.h"
#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

// p from counts of the statistic's values; all of them below 2^53, so their sums are exact.
double exact_p(const std::vector<double>& counts, double statistic, Alternative alternative) {
  double all = 0, at_most = 0, at_least = 0;
  for (std::size_t value = 0; value < counts.size(); ++value) {
    all += counts[value];
    if (static_cast<double>(value) <= statistic) at_most += counts[value];
    if (static_cast<double>(value) >= statistic) at_least += counts[value];
  }
  switch (alternative) {
    case Alternative::Less:
      return at_most / all;
    case Alternative::Greater:
      return at_least / all;
    case Alternative::TwoSided:
      break;
  }
  return std::min(1.0, 2 * std::min(at_most, at_least) / all);
}

double normal_p(double distance, double deviation, Alternative alternative, Continuity continuity) {
  if (!(deviation > 0)) return 1;
  const double half = continuity == Continuity::Corrected ? 0.5 : 0;
  switch (alternative) {
    case Alternative::Less:
      return normal_lower((distance + half) / deviation);
    case Alternative::Greater:
      return normal_upper((distance - half) / deviation);
    case Alternative::TwoSided:
      break;
  }
  return std::min(1.0, 2 * normal_upper((std::abs(distance) - half) / deviation));
}

// How many subsets of 1 .. n have each sum.
std::vector<double> subset_sums(std::size_t n) {
  std::vector<double> counts(n * (n + 1) / 2 + 1, 0.0);
  counts[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    for (std::size_t sum = rank * (rank + 1) / 2; sum >= rank; --sum) counts[sum] += counts[sum - rank];
  }
  return counts;
}

// How many orders of n and m values give each U: the coefficients of the Gaussian binomial, factor by factor.
std::vector<double> u_counts(std::size_t n, std::size_t m) {
  std::vector<double> counts(n * m + 1, 0.0);
  counts[0] = 1;
  for (std::size_t factor = 1; factor <= n; ++factor) {
    for (std::size_t u = counts.size(); u-- > m + factor;) counts[u] -= counts[u - m - factor];
    for (std::size_t u = factor; u < counts.size(); ++u) counts[u] += counts[u - factor];
  }
  return counts;
}

}  // namespace

Result<TestOutcome> wilcoxon_test(std::span<const double> first, std::span<const double> second,
                                  Alternative alternative, Continuity continuity) {
  TRY(check_same_length(first.size(), second.size(), "pairs"));
  TRY(check_values(first, "first of the pairs"));
  TRY(check_values(second, "second of the pairs"));
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double difference = first[i] - second[i];
    if (difference == 0) continue;
    sizes.push_back(std::abs(difference));
    positive.push_back(difference > 0);
  }
  if (sizes.empty()) return TestOutcome{0, 1};
  const Ranks ranks = average_ranks(sizes);
  double sum = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) sum += positive[i] ? ranks.of[i] : 0;
  if (sizes.size() <= kExactPairs && ranks.tie_term == 0) {
    return TestOutcome{sum, exact_p(subset_sums(sizes.size()), sum, alternative)};
  }
  const auto n = static_cast<double>(sizes.size());
  const double deviation = std::sqrt((n * (n + 1) * (2 * n + 1) - ranks.tie_term / 2) / 24);
  return TestOutcome{sum, normal_p(sum - n * (n + 1) / 4, deviation, alternative, continuity)};
}

Result<TestOutcome> mann_whitney_test(std::span<const double> first, std::span<const double> second,
                                      Alternative alternative, Continuity continuity) {
  TRY(check_values(first, "first sample"));
  TRY(check_values(second, "second sample"));
  std::vector<double> all(first.begin(), first.end());
  all.insert(all.end(), second.begin(), second.end());
  const Ranks ranks = average_ranks(all);
  double sum = 0;
  for (std::size_t i = 0; i < first.size(); ++i) sum += ranks.of[i];
  const auto n1 = static_cast<double>(first.size()), n2 = static_cast<double>(second.size()), n = n1 + n2;
  const double u = sum - n1 * (n1 + 1) / 2;
  if (all.size() <= kExactRanked && ranks.tie_term == 0) {
    return TestOutcome{u, exact_p(u_counts(first.size(), second.size()), u, alternative)};
  }
  const double deviation = std::sqrt(n1 * n2 / 12 * (n + 1 - ranks.tie_term / (n * (n - 1))));
  return TestOutcome{u, normal_p(u - n1 * n2 / 2, deviation, alternative, continuity)};
}

}  // namespace slipway::stats
