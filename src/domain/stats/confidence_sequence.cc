#include "domain/stats/confidence_sequence.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <string>

namespace slipway::stats {
namespace {

constexpr double kTunedAlpha = 0.05;
constexpr int kBisections = 200;
constexpr double kLeastPrior = 1e-3;
constexpr double kLargestBet = 0.5;

double log_beta(double a, double b) {
  return boost::math::lgamma(a) + boost::math::lgamma(b) - boost::math::lgamma(a + b);
}

// ln of the mixture against p, for a prior of the strength c around it.
double log_mixture(const Rate& seen, double c, double p) {
  const auto k = static_cast<double>(seen.successes), misses = static_cast<double>(seen.trials - seen.successes);
  const double of_p = (k > 0 ? k * std::log(p) : 0) + (misses > 0 ? misses * std::log1p(-p) : 0);
  return log_beta(c * p + k, c * (1 - p) + misses) - log_beta(c * p, c * (1 - p)) - of_p;
}

// The edge between what is kept and what is not. Requires: `kept` is, `lost` is not.
template <class IsKept>
double edge(const IsKept& is_kept, double kept, double lost) {
  for (int i = 0; i < kBisections; ++i) {
    const double middle = kept + (lost - kept) / 2;
    if (middle == kept || middle == lost) break;
    (is_kept(middle) ? kept : lost) = middle;
  }
  return lost;
}

}  // namespace

Result<Interval> rate_sequence(const Rate& seen, double alpha, double best_at) {
  if (!(alpha > 0 && alpha < 1)) return invalid_input("expected alpha inside (0, 1), found " + std::to_string(alpha));
  if (!(best_at > 0 && std::isfinite(best_at))) {
    return invalid_input("expected a positive number of trials to be best at, found " + std::to_string(best_at));
  }
  if (seen.successes > seen.trials) {
    return invalid_input("expected at most " + std::to_string(seen.trials) + " successes, found " +
                         std::to_string(seen.successes));
  }
  if (seen.trials == 0) return Interval{0, 1};
  const double l = -std::log(kTunedAlpha);
  const double c = std::max(best_at / (2 * l + std::log1p(2 * l)) - 1, kLeastPrior);
  const auto is_kept = [&](double p) { return log_mixture(seen, c, p) < -std::log(alpha); };
  // The estimate, kept away from 0 and 1, where the mixture has no value.
  const double middle = std::clamp(seen.value(), 1e-12, 1 - 1e-12);
  Interval interval{0, 1};
  if (seen.successes > 0) interval.low = edge(is_kept, middle, 0.0);
  if (seen.successes < seen.trials) interval.high = edge(is_kept, middle, 1.0);
  return interval;
}

double distribution_band(std::uint64_t n, double alpha) {
  constexpr double kFrom = 100, kFactor = 0.85;
  const auto count = static_cast<double>(n);
  if (count < kFrom) return 1;
  const double constant = 0.8 * std::log(1612 / alpha);
  return std::min(1.0, kFactor * std::sqrt((std::log1p(std::log(count / kFrom)) + constant) / count));
}

void BernsteinInterval::observe(double y) {
  const auto i = static_cast<double>(++count_);
  const double mean = sum_ / i, variance = squares_ / i;
  const double bet = std::min(kLargestBet, std::sqrt(2 * std::log(2 / alpha_) / (variance * i * std::log1p(i))));
  bets_ += bet;
  weighed_ += bet * y;
  spread_ += (y - mean) * (y - mean) * (-std::log1p(-bet) - bet);
  sum_ += y;
  const double now = sum_ / (i + 1);
  squares_ += (y - now) * (y - now);
  const double centre = weighed_ / bets_, half = (std::log(2 / alpha_) + spread_) / bets_;
  low_ = std::max(low_, centre - half);
  high_ = std::min(high_, centre + half);
}

Interval BernsteinInterval::interval() const {
  // Contradictory where the mean was not constant: then the last word is as good as any.
  return low_ <= high_ ? Interval{low_, high_} : Interval{high_, low_};
}

}  // namespace slipway::stats
