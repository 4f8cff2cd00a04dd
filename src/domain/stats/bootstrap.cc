#include "domain/stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "domain/stats/distribution.h"
#include "domain/stats/quantile.h"
#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

constexpr std::uint32_t kLeastResamples = 100;
constexpr std::uint32_t kMostResamples = 100'000;
constexpr std::size_t kUndefinedShare = 100;  // one of so many replicates may have no value

// Efron's acceleration: sum of d^3 / (6 (sum of d^2)^1.5), d = mean of the jackknife's values - each of them.
double acceleration(std::size_t rows, const RowStatistic& statistic) {
  const std::size_t groups = std::min(rows, kJackknifeGroups);
  if (groups < 2) return 0;
  std::vector<double> values;
  std::vector<std::uint32_t> kept;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t begin = group * rows / groups, end = (group + 1) * rows / groups;
    kept.resize(begin);
    std::iota(kept.begin(), kept.end(), 0U);
    for (std::size_t row = end; row < rows; ++row) kept.push_back(static_cast<std::uint32_t>(row));
    const double value = statistic(kept);
    if (std::isfinite(value)) values.push_back(value);
  }
  if (values.size() < 2) return 0;
  const double centre = mean(values);
  Sum squares, cubes;
  for (const double value : values) {
    const double distance = centre - value;
    squares.add(distance * distance);
    cubes.add(distance * distance * distance);
  }
  return squares.value() > 0 ? cubes.value() / (6 * std::pow(squares.value(), 1.5)) : 0;
}

// Where the replicates' quantile is read for the normal quantile z. Requires: bias finite.
double corrected_level(double z, double bias, double accelerated) {
  const double shifted = bias + z;
  const double scale = 1 - accelerated * shifted;
  if (!(scale > 0)) return shifted > 0 ? 1 : 0;
  return normal_lower(bias + shifted / scale);
}

Interval interval_of(const std::vector<double>& sorted, double estimate, double accelerated,
                     const BootstrapRules& rules) {
  double low = (1 - rules.confidence) / 2, high = 1 - low;
  if (rules.interval == BootstrapInterval::BiasCorrected) {
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), estimate) - sorted.begin();
    const auto at_most = std::upper_bound(sorted.begin(), sorted.end(), estimate) - sorted.begin();
    const auto count = static_cast<double>(sorted.size());
    // All replicates on one side: as if half a replicate lay on the other.
    const double share = std::clamp(static_cast<double>(below + at_most) / (2 * count), 0.5 / count, 1 - 0.5 / count);
    const double bias = normal_quantile(share), z = normal_quantile(low);
    low = corrected_level(z, bias, accelerated);
    high = corrected_level(-z, bias, accelerated);
  }
  return {quantile_of_sorted(sorted, low), quantile_of_sorted(sorted, high)};
}

}  // namespace

Result<BootstrapOutcome> bootstrap(std::size_t rows, const RowStatistic& statistic, const BootstrapRules& rules,
                                   Xoshiro256& random) {
  TRY(check_confidence(rules.confidence));
  if (rows == 0 || rows > std::numeric_limits<std::uint32_t>::max()) {
    return invalid_input("bootstrap: expected 1 to 4294967295 rows, found " + std::to_string(rows));
  }
  if (rules.resamples < kLeastResamples || rules.resamples > kMostResamples) {
    return invalid_input("bootstrap: expected 100 to 100000 resamples, found " + std::to_string(rules.resamples));
  }
  std::vector<std::uint32_t> drawn(rows);
  std::iota(drawn.begin(), drawn.end(), 0U);
  BootstrapOutcome outcome;
  outcome.estimate = statistic(drawn);
  if (!std::isfinite(outcome.estimate)) return invalid_input("bootstrap: the statistic has no value on all rows");
  outcome.replicates.reserve(rules.resamples);
  for (std::uint32_t resample = 0; resample < rules.resamples; ++resample) {
    for (std::uint32_t& row : drawn) row = static_cast<std::uint32_t>(random.below(rows));
    const double value = statistic(drawn);
    if (std::isfinite(value)) outcome.replicates.push_back(value);
  }
  const std::size_t undefined = rules.resamples - outcome.replicates.size();
  if (undefined > rules.resamples / kUndefinedShare) {
    return invalid_input("bootstrap: expected the statistic to have a value on nearly every resample, found none on " +
                         std::to_string(undefined) + " of " + std::to_string(rules.resamples) + "; too few rows");
  }
  std::vector<double> sorted = outcome.replicates;
  std::sort(sorted.begin(), sorted.end());
  const double accelerated = rules.interval == BootstrapInterval::BiasCorrected ? acceleration(rows, statistic) : 0;
  outcome.interval = interval_of(sorted, outcome.estimate, accelerated, rules);
  return outcome;
}

}  // namespace slipway::stats
