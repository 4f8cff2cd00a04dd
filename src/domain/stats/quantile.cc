#include "domain/stats/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "domain/stats/distribution.h"
#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

Result<void> check_inside(double q) {
  if (q > 0 && q < 1) return {};
  return invalid_input("expected a quantile inside (0, 1), found " + std::to_string(q));
}

}  // namespace

Result<double> quantile(std::span<const double> values, double q) {
  TRY(check_values(values, "quantile"));
  if (!(q >= 0 && q <= 1)) return invalid_input("expected a quantile in [0, 1], found " + std::to_string(q));
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return quantile_of_sorted(sorted, q);
}

double quantile_of_sorted(std::span<const double> sorted, double q) {
  const double place = static_cast<double>(sorted.size() - 1) * q;
  const auto below = std::min(static_cast<std::size_t>(place), sorted.size() - 1);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

Result<RankInterval> quantile_ranks(std::uint64_t n, double q, double confidence) {
  TRY(check_inside(q));
  TRY(check_confidence(confidence));
  const double tail = (1 - confidence) / 2;
  const auto first_where = [n](const auto& holds) {  // the smallest rank in 1 .. n that holds, or n + 1
    std::uint64_t low = 1, high = n + 1;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (holds(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  const std::uint64_t beyond = first_where([&](std::uint64_t rank) { return binomial_at_most(rank - 1, n, q) > tail; });
  const std::uint64_t high = first_where([&](std::uint64_t rank) { return binomial_at_least(rank, n, q) <= tail; });
  return RankInterval{beyond - 1, high};
}

Result<Interval> quantile_interval(std::span<const double> values, double q, double confidence) {
  TRY(check_values(values, "quantile"));
  const RankInterval ranks = TRY(quantile_ranks(values.size(), q, confidence));
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  constexpr double kUnbounded = std::numeric_limits<double>::infinity();
  return Interval{ranks.low == 0 ? -kUnbounded : sorted[ranks.low - 1],
                  ranks.high > sorted.size() ? kUnbounded : sorted[ranks.high - 1]};
}

Result<std::uint64_t> values_to_bound(double q, double confidence) {
  TRY(check_inside(q));
  TRY(check_confidence(confidence));
  const double rarer = std::log(std::max(q, 1 - q));  // the side that asks for more
  const double needed = std::ceil(std::log((1 - confidence) / 2) / rarer * (1 - 1e-12));
  return needed < 9e18 ? static_cast<std::uint64_t>(needed) : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace slipway::stats
