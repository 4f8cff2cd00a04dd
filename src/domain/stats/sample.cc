#include "domain/stats/sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace slipway::stats {

Result<void> check_values(std::span<const double> values, std::string_view what, std::size_t least) {
  if (values.size() < least) {
    return invalid_input(std::string(what) + ": expected at least " + std::to_string(least) + " values, found " +
                         std::to_string(values.size()));
  }
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!std::isfinite(values[row])) {
      return invalid_input(std::string(what) + ": expected finite numbers, found " + std::to_string(values[row]) +
                           " in row " + std::to_string(row));
    }
  }
  return {};
}

Result<void> check_same_length(std::size_t first, std::size_t second, std::string_view what) {
  if (first == second) return {};
  return invalid_input(std::string(what) + ": expected equal lengths, found " + std::to_string(first) + " and " +
                       std::to_string(second));
}

void Sum::add(double value) {
  const double next = sum_ + value;
  lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
  sum_ = next;
}

double mean(std::span<const double> values) {
  Sum sum;
  for (const double value : values) sum.add(value);
  return sum.value() / static_cast<double>(values.size());
}

double variance(std::span<const double> values, double mean) {
  Sum squares;
  for (const double value : values) squares.add((value - mean) * (value - mean));
  return squares.value() / static_cast<double>(values.size() - 1);
}

Ranks average_ranks(std::span<const double> values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  Ranks ranks{std::vector<double>(values.size()), 0};
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = (static_cast<double>(begin + end) + 1) / 2;
    for (std::size_t i = begin; i < end; ++i) ranks.of[order[i]] = shared;
    const auto tied = static_cast<double>(end - begin);
    ranks.tie_term += tied * tied * tied - tied;
  }
  return ranks;
}

}  // namespace slipway::stats
