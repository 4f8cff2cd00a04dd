// Samples: the checks every estimate begins with, sums that keep their digits, means, ranks.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::stats {

// Ok if there are at least `least` values and none is NaN or infinite; InvalidInput names `what` and the first bad row.
Result<void> check_values(std::span<const double> values, std::string_view what, std::size_t least = 1);
Result<void> check_same_length(std::size_t first, std::size_t second, std::string_view what);

// A compensated sum (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974).
class Sum {
 public:
  void add(double value);
  double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

double mean(std::span<const double> values);                   // Requires: not empty.
double variance(std::span<const double> values, double mean);  // with n - 1. Requires: at least 2 values.

// Ranks from 1, those of equal values averaged. `tie_term` is the sum of t^3 - t over groups of t equal values.
struct Ranks {
  std::vector<double> of;
  double tie_term = 0;
};
Ranks average_ranks(std::span<const double> values);

}  // namespace slipway::stats
