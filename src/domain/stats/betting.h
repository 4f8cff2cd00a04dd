// Betting on bounded means: a confidence sequence for the mean of values in [0, 1] that may be looked at at any time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

// Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", 2024: the hedged capital of a
// mean m is max(K+ / 2, K- / 2), K+- = product of (1 +- lambda_i (y_i - m)), lambda_i the predictable plug-in
//   sqrt(2 ln(2 / alpha) / (s^2_{i-1} i ln(1 + i)))
// cut to c / m for K+ and c / (1 - m) for K-, c = 1/2; mean and variance before i with a prior observation of 1/2 and
// 1/4. The means whose capital stays below 1/alpha are the confidence sequence: the true mean is in all of it with
// probability 1 - alpha. Kept on a grid of means; the interval is widened outwards to the next grid point, so that the
// grid costs width and never validity. A value; one thread.
class BettingInterval {
 public:
  // InvalidInput for alpha outside (0, 1), or a grid outside 2 .. 100,000.
  static Result<BettingInterval> create(double alpha, std::uint32_t grid = 1'000);

  // InvalidInput for a value outside [0, 1]; nothing is bet then. Time: the grid's size.
  Result<void> observe(double value);

  Interval interval() const;  // of all looks so far; within [0, 1]
  std::uint64_t count() const { return count_; }
  double log_capital(std::size_t grid_point) const;  // of the mean grid_point / grid

 private:
  BettingInterval(double alpha, std::uint32_t grid);

  double alpha_;
  std::uint64_t count_ = 0;
  double sum_ = 0.5;        // with the prior observation
  double squares_ = 0.25;   // of (y_i - mean_i), with the prior
  std::vector<double> up_;  // ln K+ by grid point
  std::vector<double> down_;
  std::size_t low_ = 0;  // the grid points not yet rejected, as far as they form an interval
  std::size_t high_ = 0;
};

}  // namespace slipway::stats
