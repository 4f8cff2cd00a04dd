#include "domain/stats/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "domain/stats/distribution.h"
#include "domain/stats/proportion.h"
#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

Result<void> check_scored(std::span<const std::uint8_t> truth, std::span<const double> scores, std::size_t least) {
  TRY(check_same_length(truth.size(), scores.size(), "true classes and scores"));
  TRY(check_values(scores, "scores"));
  const auto positives = static_cast<std::size_t>(std::count(truth.begin(), truth.end(), std::uint8_t{1}));
  const auto negatives = static_cast<std::size_t>(std::count(truth.begin(), truth.end(), std::uint8_t{0}));
  if (positives + negatives != truth.size()) return invalid_input("true classes: expected 0 or 1, found another");
  if (positives >= least && negatives >= least) return {};
  return invalid_input("true classes: expected at least " + std::to_string(least) + " of each, found " +
                       std::to_string(positives) + " positive and " + std::to_string(negatives) + " negative");
}

// DeLong's placements: of each positive the share of negatives below it, of each negative the share of positives above.
struct Placements {
  std::vector<double> positive, negative;
};

Placements placements_of(std::span<const std::uint8_t> truth, std::span<const double> scores) {
  std::vector<double> positive, negative;
  for (std::size_t row = 0; row < truth.size(); ++row) (truth[row] != 0 ? positive : negative).push_back(scores[row]);
  const Ranks all = average_ranks(scores), among_positive = average_ranks(positive),
              among_negative = average_ranks(negative);
  const auto positives = static_cast<double>(positive.size()), negatives = static_cast<double>(negative.size());
  Placements placements;
  for (std::size_t row = 0; row < truth.size(); ++row) {
    if (truth[row] != 0) {
      const double own = among_positive.of[placements.positive.size()];
      placements.positive.push_back((all.of[row] - own) / negatives);
    } else {
      const double own = among_negative.of[placements.negative.size()];
      placements.negative.push_back(1 - (all.of[row] - own) / positives);
    }
  }
  return placements;
}

double variance_of(const Placements& placements) {
  return variance(placements.positive, mean(placements.positive)) / static_cast<double>(placements.positive.size()) +
         variance(placements.negative, mean(placements.negative)) / static_cast<double>(placements.negative.size());
}

Interval on_logit_scale(double value, double variance, double z) {
  const double centre = std::log(value / (1 - value));
  const double reach = z * std::sqrt(variance) / (value * (1 - value));
  const auto back = [](double x) { return 1 / (1 + std::exp(-x)); };
  return {back(centre - reach), back(centre + reach)};
}

}  // namespace

Result<double> auroc(std::span<const std::uint8_t> truth, std::span<const double> scores) {
  TRY(check_scored(truth, scores, 1));
  const Ranks ranks = average_ranks(scores);
  double sum = 0, positives = 0;
  for (std::size_t row = 0; row < truth.size(); ++row) {
    if (truth[row] == 0) continue;
    sum += ranks.of[row];
    positives += 1;
  }
  return (sum - positives * (positives + 1) / 2) / (positives * (static_cast<double>(truth.size()) - positives));
}

Result<double> average_precision(std::span<const std::uint8_t> truth, std::span<const double> scores) {
  TRY(check_scored(truth, scores, 1));
  std::vector<std::uint32_t> order(truth.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] > scores[b]; });
  double hits = 0;
  Sum sum;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double gained = 0;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) gained += truth[order[end++]];
    hits += gained;
    sum.add(gained * hits / static_cast<double>(end));
  }
  return sum.value() / hits;
}

Result<AurocEstimate> auroc_estimate(std::span<const std::uint8_t> truth, std::span<const double> scores,
                                     double confidence) {
  TRY(check_scored(truth, scores, 2));
  TRY(check_confidence(confidence));
  const Placements placements = placements_of(truth, scores);
  AurocEstimate estimate{mean(placements.positive), variance_of(placements), {}};
  if (estimate.variance > 0 && estimate.value > 0 && estimate.value < 1) {
    estimate.interval = on_logit_scale(estimate.value, estimate.variance, normal_quantile((1 + confidence) / 2));
  } else {
    const std::uint64_t pairs = std::min(placements.positive.size(), placements.negative.size());
    const auto won = static_cast<std::uint64_t>(std::lround(estimate.value * static_cast<double>(pairs)));
    estimate.interval = TRY(clopper_pearson({won, pairs}, confidence));
  }
  return estimate;
}

Result<AurocComparison> compare_auroc(std::span<const std::uint8_t> truth, std::span<const double> first,
                                      std::span<const double> second, double confidence) {
  TRY(check_scored(truth, first, 2));
  TRY(check_scored(truth, second, 2));
  TRY(check_confidence(confidence));
  const Placements one = placements_of(truth, first), two = placements_of(truth, second);
  // The variance of the difference is that of the placements' differences, row by row: no covariance is subtracted.
  Placements apart;
  for (std::size_t i = 0; i < one.positive.size(); ++i) apart.positive.push_back(one.positive[i] - two.positive[i]);
  for (std::size_t i = 0; i < one.negative.size(); ++i) apart.negative.push_back(one.negative[i] - two.negative[i]);
  AurocComparison found{mean(one.positive), mean(two.positive), variance_of(apart), {0, 1}, {}};
  const double difference = mean(apart.positive), error = std::sqrt(found.variance);
  if (error > 0) {
    found.test = {difference / error, 2 * normal_upper(std::abs(difference) / error)};
  } else if (difference != 0) {
    found.test = {std::copysign(std::numeric_limits<double>::infinity(), difference), 0};
  }
  const double reach = normal_quantile((1 + confidence) / 2) * error;
  found.interval = {difference - reach, difference + reach};
  return found;
}

}  // namespace slipway::stats
