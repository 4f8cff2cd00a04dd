#include "domain/stats/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "domain/stats/quantile.h"
#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

constexpr double kLeastProbability = 0x1.0p-52;
constexpr std::uint32_t kMostBins = 10'000;

Result<void> check_probabilities(std::span<const double> probabilities) {
  TRY(check_values(probabilities, "probabilities"));
  for (std::size_t row = 0; row < probabilities.size(); ++row) {
    if (probabilities[row] < 0 || probabilities[row] > 1) {
      return invalid_input("probabilities: expected numbers in [0, 1], found " + std::to_string(probabilities[row]) +
                           " as number " + std::to_string(row));
    }
  }
  return {};
}

Result<void> check_forecast(std::span<const std::uint8_t> outcomes, std::span<const double> probabilities) {
  TRY(check_same_length(outcomes.size(), probabilities.size(), "outcomes and probabilities"));
  TRY(check_probabilities(probabilities));
  if (std::all_of(outcomes.begin(), outcomes.end(), [](std::uint8_t outcome) { return outcome <= 1; })) return {};
  return invalid_input("outcomes: expected 0 or 1, found another");
}

double cost_of(double probability) {
  return -std::log(std::clamp(probability, kLeastProbability, 1 - kLeastProbability));
}

struct Bin {
  double rows = 0, outcomes = 0;
  Sum probabilities;
  double mean() const { return probabilities.value() / rows; }
  double rate() const { return outcomes / rows; }
};
struct Binned {
  std::vector<std::uint32_t> bin_of;  // by row
  std::vector<Bin> bins;
};

Result<Binned> put_into_bins(std::span<const std::uint8_t> outcomes, std::span<const double> probabilities,
                             const Bins& bins) {
  TRY(check_forecast(outcomes, probabilities));
  if (bins.count < 1 || bins.count > kMostBins) {
    return invalid_input("expected 1 to 10000 bins, found " + std::to_string(bins.count));
  }
  const std::size_t rows = outcomes.size();
  Binned binned{std::vector<std::uint32_t>(rows), std::vector<Bin>(bins.count)};
  if (bins.binning == Binning::EqualWidth) {
    for (std::size_t row = 0; row < rows; ++row) {
      binned.bin_of[row] = std::min(bins.count - 1, static_cast<std::uint32_t>(probabilities[row] * bins.count));
    }
  } else {
    std::vector<std::uint32_t> order(rows);
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return probabilities[a] < probabilities[b]; });
    for (std::size_t begin = 0, end = 0; begin < rows; begin = end) {
      const auto bin = static_cast<std::uint32_t>(begin * bins.count / rows);
      while (end < rows && probabilities[order[end]] == probabilities[order[begin]]) binned.bin_of[order[end++]] = bin;
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    Bin& bin = binned.bins[binned.bin_of[row]];
    bin.rows += 1;
    bin.outcomes += outcomes[row];
    bin.probabilities.add(probabilities[row]);
  }
  return binned;
}

}  // namespace

Result<double> log_loss(std::span<const std::uint8_t> outcomes, std::span<const double> probabilities) {
  TRY(check_forecast(outcomes, probabilities));
  Sum sum;
  for (std::size_t row = 0; row < outcomes.size(); ++row) {
    sum.add(cost_of(outcomes[row] == 1 ? probabilities[row] : 1 - probabilities[row]));
  }
  return sum.value() / static_cast<double>(outcomes.size());
}

Result<double> log_loss(std::span<const std::uint32_t> truth, std::span<const double> probabilities,
                        std::uint32_t classes) {
  TRY(check_same_length(truth.size() * classes, probabilities.size(), "rows x classes and probabilities"));
  TRY(check_probabilities(probabilities));
  Sum sum;
  for (std::size_t row = 0; row < truth.size(); ++row) {
    if (truth[row] >= classes) {
      return invalid_input("expected classes below " + std::to_string(classes) + ", found " +
                           std::to_string(truth[row]) + " in row " + std::to_string(row));
    }
    sum.add(cost_of(probabilities[row * classes + truth[row]]));
  }
  return sum.value() / static_cast<double>(truth.size());
}

Result<BrierParts> brier(std::span<const std::uint8_t> outcomes, std::span<const double> probabilities,
                         const Bins& bins) {
  const Binned binned = TRY(put_into_bins(outcomes, probabilities, bins));
  const auto rows = static_cast<double>(outcomes.size());
  double positive = 0;
  for (const std::uint8_t outcome : outcomes) positive += outcome;
  const double rate = positive / rows;
  Sum score, reliability, resolution, within;
  for (const Bin& bin : binned.bins) {
    if (bin.rows == 0) continue;
    reliability.add(bin.rows * (bin.mean() - bin.rate()) * (bin.mean() - bin.rate()));
    resolution.add(bin.rows * (bin.rate() - rate) * (bin.rate() - rate));
  }
  for (std::size_t row = 0; row < outcomes.size(); ++row) {
    const Bin& bin = binned.bins[binned.bin_of[row]];
    const double apart = probabilities[row] - outcomes[row], off = probabilities[row] - bin.mean();
    score.add(apart * apart);
    within.add(off * off - 2 * off * (outcomes[row] - bin.rate()));
  }
  return BrierParts{score.value() / rows, reliability.value() / rows, resolution.value() / rows, rate * (1 - rate),
                    within.value() / rows};
}

Result<double> calibration_error(std::span<const std::uint8_t> outcomes, std::span<const double> probabilities,
                                 const Bins& bins) {
  const Binned binned = TRY(put_into_bins(outcomes, probabilities, bins));
  Sum error;
  for (const Bin& bin : binned.bins) {
    if (bin.rows > 0) error.add(std::abs(bin.probabilities.value() - bin.outcomes));
  }
  return error.value() / static_cast<double>(outcomes.size());
}

Result<Interval> calibration_error_interval(std::span<const std::uint8_t> outcomes,
                                            std::span<const double> probabilities, const Bins& bins, double confidence,
                                            std::uint32_t resamples, Xoshiro256& random) {
  TRY(check_confidence(confidence));
  if (resamples < 100 || resamples > 100'000) {
    return invalid_input("expected 100 to 100000 resamples, found " + std::to_string(resamples));
  }
  const Binned binned = TRY(put_into_bins(outcomes, probabilities, bins));
  const auto rows = static_cast<double>(outcomes.size());
  const double tail = (1 - confidence) / 2;
  std::vector<double> gaps(bins.count);  // by bin: sum of probability - outcome
  double error = 0;
  for (std::size_t bin = 0; bin < gaps.size(); ++bin) {
    gaps[bin] = binned.bins[bin].probabilities.value() - binned.bins[bin].outcomes;
    error += std::abs(gaps[bin]) / rows;
  }
  std::vector<double> replicates, distances, drawn(bins.count);
  for (std::uint32_t resample = 0; resample < resamples; ++resample) {
    std::fill(drawn.begin(), drawn.end(), 0.0);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const std::uint64_t row = random.below(outcomes.size());
      drawn[binned.bin_of[row]] += probabilities[row] - outcomes[row];
    }
    double replicate = 0, distance = 0;
    for (std::size_t bin = 0; bin < gaps.size(); ++bin) {
      replicate += std::abs(drawn[bin]);
      distance += std::abs(drawn[bin] - gaps[bin]);
    }
    replicates.push_back(replicate / rows);
    distances.push_back(distance / rows);
  }
  const double centre = mean(replicates);
  std::sort(replicates.begin(), replicates.end());
  std::sort(distances.begin(), distances.end());
  // Rows that do not vary show no spread, however few: bounded as a rate of which nothing was seen.
  const double unseen = distances.back() == 0 ? 1 - std::pow(tail, 1 / rows) : 0;
  const double below = error - quantile_of_sorted(distances, 1 - tail) - unseen;
  const double above = error + centre - quantile_of_sorted(replicates, tail) + unseen;
  return Interval{std::max(0.0, below), std::min(1.0, std::max(error, above))};
}

}  // namespace slipway::stats
