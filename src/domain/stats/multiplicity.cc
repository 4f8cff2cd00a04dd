#include "domain/stats/multiplicity.h"

#include <algorithm>
#include <cstdint>
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

}  // namespace slipway::stats
