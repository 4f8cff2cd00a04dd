#include "domain/stats/best_arm.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

namespace slipway::stats {
namespace {

constexpr int kPoints = 128;
constexpr double kSmallestSpread = 1e-12;  // of a mean, relative: arms without variance are points

// P(arm i is the largest) = E over its own posterior of the product of the others' distribution functions, by the
// midpoint rule in its quantiles: no draws, so the same rewards give the same weights.
template <class Quantile, class Below>
std::vector<double> chances(std::size_t arms, const Quantile& quantile, const Below& below) {
  std::vector<double> chance(arms, 0);
  for (std::size_t i = 0; i < arms; ++i) {
    for (int k = 0; k < kPoints; ++k) {
      const double value = quantile(i, (k + 0.5) / kPoints);
      double product = 1;
      for (std::size_t j = 0; j < arms; ++j) product *= j == i ? 1 : below(j, value);
      chance[i] += product / kPoints;
    }
  }
  double sum = 0;
  for (const double each : chance) sum += each;
  for (double& each : chance) each = sum > 0 ? each / sum : 1.0 / static_cast<double>(arms);
  return chance;
}

}  // namespace

std::vector<double> chances_of_best_rate(std::span<const ArmSample> arms) {
  std::vector<boost::math::beta_distribution<>> posterior;
  for (const ArmSample& arm : arms) {
    const double successes = std::clamp(arm.mean, 0.0, 1.0) * arm.count;
    posterior.emplace_back(1 + successes, 1 + arm.count - successes);
  }
  return chances(
      arms.size(), [&](std::size_t i, double p) { return boost::math::quantile(posterior[i], p); },
      [&](std::size_t j, double value) { return boost::math::cdf(posterior[j], value); });
}

std::vector<double> chances_of_best_mean(std::span<const ArmSample> arms) {
  std::vector<boost::math::students_t_distribution<>> shape;
  std::vector<double> spread;
  for (const ArmSample& arm : arms) {
    shape.emplace_back(arm.count - 1);
    const double least = kSmallestSpread * std::max(1.0, std::abs(arm.mean));
    spread.push_back(std::max(least, std::sqrt(std::max(0.0, arm.variance) / arm.count)));
  }
  return chances(
      arms.size(),
      [&](std::size_t i, double p) { return arms[i].mean + spread[i] * boost::math::quantile(shape[i], p); },
      [&](std::size_t j, double value) { return boost::math::cdf(shape[j], (value - arms[j].mean) / spread[j]); });
}

}  // namespace slipway::stats
