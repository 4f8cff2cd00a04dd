// Confidence sequences: intervals that hold at every moment at once with the stated probability, however often they are
// looked at.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "domain/stats/interval.h"
#include "domain/stats/proportion.h"

namespace slipway::stats {

// Of an event's probability: the p that no beta-binomial mixture has reached 1/alpha against, Howard, Ramdas, McAuliffe
// and Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021. The mixture against p is
//   B(c p + k, c (1 - p) + n - k) / B(c p, c (1 - p)) / (p^k (1 - p)^(n - k)),
// c = max(best_at / (2 l + ln(1 + 2 l)) - 1, 1/1000), l = ln(1/0.05): narrowest after about `best_at` trials. [0, 1]
// without trials. InvalidInput for more successes than trials, alpha outside (0, 1), best_at that is not positive.
Result<Interval> rate_sequence(const Rate& seen, double alpha, double best_at = 1'000);

// Half the width of a band around the empirical distribution function of n values that holds the true one, all of it
// and at every n at once: 0.85 sqrt((ln(1 + ln(n / 100)) + 0.8 ln(1612 / alpha)) / n); Howard and Ramdas, "Sequential
// estimation of quantiles with applications to A/B testing and best-arm identification", 2022. 1 below 100 values.
double distribution_band(std::uint64_t n, double alpha);  // Requires: alpha inside (0, 1).

// Of the mean of values in [0, 1], each of which has it given those before: the predictable-mixture empirical Bernstein
// sequence of Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", 2024, theorem 2. With
// lambda_i = min(1/2, sqrt(2 ln(2/alpha) / (s^2_{i-1} i ln(1 + i)))) and psi(l) = (-ln(1 - l) - l) / 4,
//   sum lambda y / sum lambda +- (ln(2/alpha) + sum 4 (y_i - mean_{i-1})^2 psi(lambda_i)) / sum lambda,
// mean and variance with a prior observation of 1/2 and 1/4. Less tight than BettingInterval, and of constant size. A
// value; one thread.
class BernsteinInterval {
 public:
  explicit BernsteinInterval(double alpha) : alpha_(alpha) {}  // Requires: inside (0, 1).

  void observe(double y);     // Requires: in [0, 1].
  Interval interval() const;  // of all looks so far
  std::uint64_t count() const { return count_; }

  template <class State>
  void keep(State& state) {
    state(count_, sum_, squares_, bets_, weighed_, spread_, low_, high_);
  }

 private:
  double alpha_;
  std::uint64_t count_ = 0;
  double sum_ = 0.5, squares_ = 0.25;  // with the prior observation
  double bets_ = 0, weighed_ = 0, spread_ = 0;
  double low_ = 0, high_ = 1;
};

}  // namespace slipway::stats
