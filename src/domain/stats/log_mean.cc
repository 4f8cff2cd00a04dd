#include "domain/stats/log_mean.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace slipway::stats {

double log_mean(std::span<const double> logs) {
  const double largest = *std::max_element(logs.begin(), logs.end());
  if (std::isinf(largest)) return largest;
  double sum = 0;
  for (const double one : logs) sum += std::exp(one - largest);
  return largest + std::log(sum / static_cast<double>(logs.size()));
}

double log_weighted_sum(std::span<const double> logs, std::span<const double> weights) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (weights[i] > 0) largest = std::max(largest, logs[i]);
  }
  if (std::isinf(largest)) return largest;
  double sum = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (weights[i] > 0) sum += weights[i] * std::exp(logs[i] - largest);
  }
  return largest + std::log(sum);
}

}  // namespace slipway::stats
