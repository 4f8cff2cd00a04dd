#include "domain/stats/multiplicity.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <string>

namespace slipway::stats {
namespace {

Result<std::vector<std::uint32_t>> ascending(std::span<const double> p_values) {
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    if (!(p_values[i] >= 0 && p_values[i] <= 1)) {
      return invalid_input("expected p-values in [0, 1], found " + std::to_string(p_values[i]) + " as number " +
                           std::to_string(i));
    }
  }
  std::vector<std::uint32_t> order(p_values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p_values[a] < p_values[b]; });
  return order;
}

}  // namespace

Result<std::vector<double>> holm(std::span<const double> p_values) {
  const std::vector<std::uint32_t> order = TRY(ascending(p_values));
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - i) * p_values[order[i]]));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

Result<std::vector<double>> benjamini_hochberg(std::span<const double> p_values) {
  const std::vector<std::uint32_t> order = TRY(ascending(p_values));
  std::vector<double> adjusted(p_values.size());
  double smallest = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    const double scaled = static_cast<double>(order.size()) / static_cast<double>(i + 1) * p_values[order[i]];
    smallest = std::min(smallest, scaled);
    adjusted[order[i]] = smallest;
  }
  return adjusted;
}

std::vector<bool> e_benjamini_hochberg(std::span<const double> log_e_values, double alpha) {
  std::vector<std::uint32_t> order(log_e_values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return log_e_values[a] > log_e_values[b]; });
  std::size_t rejected = 0;
  for (std::size_t k = 1; k <= order.size(); ++k) {
    const double bar = std::log(static_cast<double>(order.size()) / (alpha * static_cast<double>(k)));
    if (log_e_values[order[k - 1]] >= bar) rejected = k;
  }
  std::vector<bool> is_rejected(order.size(), false);
  for (std::size_t i = 0; i < rejected; ++i) is_rejected[order[i]] = true;
  return is_rejected;
}

double e_lond_level(double alpha, std::uint64_t t, std::uint64_t rejections) {
  const double gamma = 6 / std::pow(std::numbers::pi * static_cast<double>(t), 2);
  return alpha * gamma * static_cast<double>(rejections + 1);
}

}  // namespace slipway::stats
