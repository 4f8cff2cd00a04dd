// The probability, after what was seen, that each of several arms has the largest mean.
#pragma once

#include <span>
#include <vector>

namespace slipway::stats {

// Rewards of one arm: how many (effective, so not always whole), their mean and their variance.
struct ArmSample {
  double count = 0;
  double mean = 0;
  double variance = 0;
};

// Bernoulli rewards under uniform priors: Beta(1 + successes, 1 + failures). Sums to 1. Requires: means in [0, 1].
std::vector<double> chances_of_best_rate(std::span<const ArmSample> arms);

// Gaussian rewards of unknown mean and variance under the prior 1/variance: a Student's t with count - 1 degrees of
// freedom around the mean. Sums to 1. Requires: each count >= 2.
std::vector<double> chances_of_best_mean(std::span<const ArmSample> arms);

}  // namespace slipway::stats
