// The mean of numbers that are known by their logarithms, however large or small: of e-values of a mixture.
#pragma once

#include <span>

namespace slipway::stats {

// ln of the mean of exp(x). -infinity is the log of 0. Requires: not empty, no NaN.
double log_mean(std::span<const double> logs);
// ln of sum w exp(x). Requires: as many weights as logs, not negative.
double log_weighted_sum(std::span<const double> logs, std::span<const double> weights);

}  // namespace slipway::stats
