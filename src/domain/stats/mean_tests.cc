#include "domain/stats/mean_tests.h"

#include <cmath>
#include <limits>
#include <vector>

#include "domain/stats/distribution.h"
#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

double p_of(double t, double degrees, Alternative alternative) {
  switch (alternative) {
    case Alternative::TwoSided:
      return 2 * student_upper(std::abs(t), degrees);
    case Alternative::Less:
      return student_upper(-t, degrees);
    case Alternative::Greater:
      return student_upper(t, degrees);
  }
  return 1;
}

MeanComparison compare(double difference, double error, double degrees, Alternative alternative, double confidence) {
  MeanComparison found{{0, 1}, degrees, difference, {difference, difference}};
  if (!(error > 0)) {
    if (difference == 0) return found;
    found.test.statistic = std::copysign(std::numeric_limits<double>::infinity(), difference);
    found.test.p_value = p_of(found.test.statistic, 1, alternative);
    return found;
  }
  found.test = {difference / error, p_of(difference / error, degrees, alternative)};
  const double reach = student_quantile((1 + confidence) / 2, degrees) * error;
  found.interval = {difference - reach, difference + reach};
  return found;
}

}  // namespace

Result<MeanComparison> welch_test(std::span<const double> first, std::span<const double> second,
                                  Alternative alternative, double confidence) {
  TRY(check_values(first, "first sample", 2));
  TRY(check_values(second, "second sample", 2));
  TRY(check_confidence(confidence));
  const double mean1 = mean(first), mean2 = mean(second);
  const auto n1 = static_cast<double>(first.size()), n2 = static_cast<double>(second.size());
  const double part1 = variance(first, mean1) / n1, part2 = variance(second, mean2) / n2;
  const double whole = part1 + part2;
  const double share1 = whole > 0 ? part1 / whole : 0, share2 = whole > 0 ? part2 / whole : 0;
  const double degrees = whole > 0 ? 1 / (share1 * share1 / (n1 - 1) + share2 * share2 / (n2 - 1)) : n1 + n2 - 2;
  return compare(mean1 - mean2, std::sqrt(whole), degrees, alternative, confidence);
}

Result<MeanComparison> paired_t_test(std::span<const double> first, std::span<const double> second,
                                     Alternative alternative, double confidence) {
  TRY(check_same_length(first.size(), second.size(), "pairs"));
  TRY(check_values(first, "first of the pairs", 2));
  TRY(check_values(second, "second of the pairs", 2));
  TRY(check_confidence(confidence));
  std::vector<double> differences(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) differences[i] = first[i] - second[i];
  const double centre = mean(differences);
  const auto n = static_cast<double>(first.size());
  return compare(centre, std::sqrt(variance(differences, centre) / n), n - 1, alternative, confidence);
}

}  // namespace slipway::stats
