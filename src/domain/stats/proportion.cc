#include "domain/stats/proportion.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "domain/stats/distribution.h"

namespace slipway::stats {
namespace {

constexpr double kAsLikely = 1 + 1e-7;

Result<void> check_rate(const Rate& rate, std::uint64_t least_trials) {
  if (rate.trials >= least_trials && rate.successes <= rate.trials) return {};
  return invalid_input("expected at most as many successes as trials, and at least " + std::to_string(least_trials) +
                       " trials; found " + std::to_string(rate.successes) + " of " + std::to_string(rate.trials));
}

double two_sided(const Rate& seen, double p) {
  const std::uint64_t n = seen.trials, k = seen.successes;
  const double expected = p * static_cast<double>(n);
  const auto successes = static_cast<double>(k);
  if (successes == expected) return 1;
  const double bar = binomial_mass(k, n, p) * kAsLikely;
  const auto is_rare = [&](std::uint64_t i) { return binomial_mass(i, n, p) <= bar; };
  // The mass falls away from its mode on either side, so the edge of the other tail is found by bisection.
  if (successes < expected) {
    std::uint64_t low = std::min(n, static_cast<std::uint64_t>(std::ceil(expected))), high = n + 1;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (is_rare(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return std::min(1.0, binomial_at_most(k, n, p) + binomial_at_least(low, n, p));
  }
  std::uint64_t low = 0, high = static_cast<std::uint64_t>(std::floor(expected)) + 1;  // `low` rare ones from 0
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (is_rare(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::min(1.0, binomial_at_least(k, n, p) + (low == 0 ? 0 : binomial_at_most(low - 1, n, p)));
}

Interval wilson_bounds(const Rate& seen, double confidence) {
  const auto n = static_cast<double>(seen.trials);
  const double p = seen.value();
  const double z = normal_quantile((1 + confidence) / 2);
  const double centre = (2 * n * p + z * z) / (2 * (n + z * z));
  const double half = z / (2 * (n + z * z)) * std::sqrt(z * z + 4 * n * p * (1 - p));
  return {seen.successes == 0 ? 0 : std::max(0.0, centre - half),
          seen.successes == seen.trials ? 1 : std::min(1.0, centre + half)};
}

}  // namespace

Result<TestOutcome> binomial_test(const Rate& seen, double p, Alternative alternative) {
  TRY(check_rate(seen, 0));
  if (!(p >= 0 && p <= 1)) return invalid_input("expected a probability in [0, 1], found " + std::to_string(p));
  if (seen.trials == 0) return TestOutcome{0, 1};
  switch (alternative) {
    case Alternative::Less:
      return TestOutcome{seen.value(), binomial_at_most(seen.successes, seen.trials, p)};
    case Alternative::Greater:
      return TestOutcome{seen.value(), binomial_at_least(seen.successes, seen.trials, p)};
    case Alternative::TwoSided:
      break;
  }
  return TestOutcome{seen.value(), two_sided(seen, p)};
}

Result<Interval> clopper_pearson(const Rate& seen, double confidence) {
  TRY(check_rate(seen, 1));
  TRY(check_confidence(confidence));
  const auto k = static_cast<double>(seen.successes);
  const auto n = static_cast<double>(seen.trials);
  const double tail = (1 - confidence) / 2;
  // The upper bound as the lower one of the failures, so that it keeps its digits near 1 and 0 alike.
  const double high = seen.successes == seen.trials ? 1 : 1 - beta_quantile(tail, n - k, k + 1);
  return Interval{seen.successes == 0 ? 0 : beta_quantile(tail, k, n - k + 1),
                  high < 0.5 ? beta_quantile(1 - tail, k + 1, n - k) : high};
}

Result<Interval> wilson(const Rate& seen, double confidence) {
  TRY(check_rate(seen, 1));
  TRY(check_confidence(confidence));
  return wilson_bounds(seen, confidence);
}

Result<Interval> rate_difference(const Rate& first, const Rate& second, double confidence) {
  const Interval one = TRY(wilson(first, confidence));
  const Interval two = TRY(wilson(second, confidence));
  const double p1 = first.value(), p2 = second.value();
  return Interval{p1 - p2 - std::hypot(p1 - one.low, two.high - p2), p1 - p2 + std::hypot(one.high - p1, p2 - two.low)};
}

Result<Interval> rate_ratio(const Rate& first, const Rate& second, double confidence) {
  const Interval one = TRY(wilson(first, confidence));
  const Interval two = TRY(wilson(second, confidence));
  const double p1 = first.value(), p2 = second.value(), product = p1 * p2;
  const double low1 = one.low * (2 * p1 - one.low), high2 = two.high * (2 * p2 - two.high);
  const double high1 = one.high * (2 * p1 - one.high), low2 = two.low * (2 * p2 - two.low);
  const double below = product + std::sqrt(std::max(0.0, product * product - low1 * high2));
  const double above = product + std::sqrt(std::max(0.0, product * product - high1 * low2));
  return Interval{one.low > 0 && below > 0 ? low1 / below : 0,
                  two.low > 0 ? above / low2 : std::numeric_limits<double>::infinity()};
}

Result<Interval> paired_rate_difference(const PairedCounts& counts, double confidence) {
  const std::uint64_t total = counts.both + counts.only_first + counts.only_second + counts.neither;
  const Rate first{counts.both + counts.only_first, total};
  const Rate second{counts.both + counts.only_second, total};
  const Interval one = TRY(wilson(first, confidence));
  const Interval two = TRY(wilson(second, confidence));
  const double p1 = first.value(), p2 = second.value();
  const auto a = static_cast<double>(counts.both), b = static_cast<double>(counts.only_first);
  const auto c = static_cast<double>(counts.only_second), d = static_cast<double>(counts.neither);
  const double margins = (a + b) * (c + d) * (a + c) * (b + d);
  const double excess = a * d - b * c;
  const double corrected = excess > 0 ? std::max(excess - (a + b + c + d) / 2, 0.0) : excess;
  const double phi = margins > 0 ? corrected / std::sqrt(margins) : 0;
  const auto reach = [&](double x, double y) { return std::sqrt(std::max(0.0, x * x - 2 * phi * x * y + y * y)); };
  return Interval{p1 - p2 - reach(p1 - one.low, two.high - p2), p1 - p2 + reach(one.high - p1, p2 - two.low)};
}

TestOutcome mcnemar_exact(std::uint64_t only_first, std::uint64_t only_second) {
  const std::uint64_t smaller = std::min(only_first, only_second), total = only_first + only_second;
  if (total == 0) return {0, 1};
  return {static_cast<double>(smaller), std::min(1.0, 2 * binomial_at_most(smaller, total, 0.5))};
}

TestOutcome mcnemar_corrected(std::uint64_t only_first, std::uint64_t only_second) {
  const auto b = static_cast<double>(only_first), c = static_cast<double>(only_second);
  if (b + c == 0) return {0, 1};
  const double distance = std::max(0.0, std::abs(b - c) - 1);
  const double statistic = distance * distance / (b + c);
  return {statistic, chi_square_upper(statistic, 1)};
}

Result<std::uint64_t> trials_to_exclude(double most, double confidence) {
  TRY(check_confidence(confidence));
  if (!(most > 0 && most < 1)) return invalid_input("expected a rate inside (0, 1), found " + std::to_string(most));
  const double trials = std::ceil(std::log1p(-confidence) / std::log1p(-most) * (1 - 1e-12));
  return trials < 9e18 ? static_cast<std::uint64_t>(trials) : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace slipway::stats
