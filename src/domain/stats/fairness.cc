#include "domain/stats/fairness.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

constexpr std::size_t kMostGroups = 1'000;

Result<void> check_groups(std::span<const Rate> groups, double confidence) {
  TRY(check_confidence(confidence));
  if (groups.size() < 2 || groups.size() > kMostGroups) {
    return invalid_input("expected 2 to 1000 groups, found " + std::to_string(groups.size()));
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].trials == 0 || groups[i].successes > groups[i].trials) {
      return invalid_input("group " + std::to_string(i) + ": expected observations, found " +
                           std::to_string(groups[i].successes) + " of " + std::to_string(groups[i].trials));
    }
  }
  return {};
}

double confidence_of_each(std::size_t groups, double confidence) {
  const auto pairs = static_cast<double>(groups * (groups - 1) / 2);
  return 1 - (1 - confidence) / pairs;
}

RateGap outermost(std::span<const Rate> groups) {
  const auto less = [](const Rate& a, const Rate& b) { return a.value() < b.value(); };
  const auto [smallest, largest] = std::minmax_element(groups.begin(), groups.end(), less);
  RateGap gap;
  gap.largest = static_cast<std::size_t>(largest - groups.begin());
  gap.smallest = static_cast<std::size_t>(smallest - groups.begin());
  return gap;
}

}  // namespace

Result<RateGap> rate_gap(std::span<const Rate> groups, double confidence) {
  TRY(check_groups(groups, confidence));
  RateGap gap = outermost(groups);
  gap.value = groups[gap.largest].value() - groups[gap.smallest].value();
  const double each = confidence_of_each(groups.size(), confidence);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (std::size_t j = i + 1; j < groups.size(); ++j) {
      const Interval pair = TRY(rate_difference(groups[i], groups[j], each));
      gap.interval.low = std::max({gap.interval.low, pair.low, -pair.high});
      gap.interval.high = std::max({gap.interval.high, pair.high, -pair.low});
    }
  }
  return gap;
}

Result<RateGap> rate_quotient(std::span<const Rate> groups, double confidence) {
  TRY(check_groups(groups, confidence));
  RateGap gap = outermost(groups);
  const double largest = groups[gap.largest].value();
  gap.value = largest > 0 ? groups[gap.smallest].value() / largest : 1;
  const double each = confidence_of_each(groups.size(), confidence);
  gap.interval = {1, 1};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (std::size_t j = 0; j < groups.size(); ++j) {
      if (i == j) continue;
      const Interval pair = TRY(rate_ratio(groups[i], groups[j], each));
      gap.interval.low = std::min(gap.interval.low, pair.low);
      gap.interval.high = std::min(gap.interval.high, pair.high);
    }
  }
  return gap;
}

Result<RateGap> odds_gap(std::span<const Rate> true_positives, std::span<const Rate> false_positives,
                         double confidence) {
  TRY(check_same_length(true_positives.size(), false_positives.size(), "groups of both rates"));
  TRY(check_confidence(confidence));
  const double each = 1 - (1 - confidence) / 2;
  const RateGap of_true = TRY(rate_gap(true_positives, each));
  const RateGap of_false = TRY(rate_gap(false_positives, each));
  RateGap larger = of_true.value >= of_false.value ? of_true : of_false;
  larger.interval = {std::max(of_true.interval.low, of_false.interval.low),
                     std::max(of_true.interval.high, of_false.interval.high)};
  return larger;
}

}  // namespace slipway::stats
