// Calibration: how well probabilities say how often. Probabilities in [0, 1], outcomes 0 or 1, one of each per row.
// InvalidInput for no rows, columns of different length, NaN, a probability or outcome outside its range.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "domain/stats/interval.h"
#include "domain/stats/random.h"

namespace slipway::stats {

// The mean of -ln(probability of the true class), in nats. Probabilities are kept 2^-52 away from 0 and 1, so that one
// certain mistake costs 36 and not everything; rows are not rescaled. As scikit-learn.
Result<double> log_loss(std::span<const std::uint8_t> outcomes, std::span<const double> probabilities);
// probabilities: rows x classes, row by row.
Result<double> log_loss(std::span<const std::uint32_t> truth, std::span<const double> probabilities,
                        std::uint32_t classes);

// EqualWidth: bin k of B holds [k/B, (k+1)/B), the last one 1 too. EqualMass: the row of rank r (from 0, by
// probability) lies in bin floor(r B / n); equal probabilities stay together, where the first of them lies.
enum class Binning : std::uint8_t { EqualWidth, EqualMass };
struct Bins {
  std::uint32_t count = 15;  // 1 to 10,000
  Binning binning = Binning::EqualMass;
};

// Mean squared error of the probabilities, in [0, 1] (Brier 1950), and its parts: Murphy, "A new vector partition of
// the probability score", 1973, with what binning adds (Stephenson, Coelho and Jolliffe 2008), so that score =
// reliability - resolution + uncertainty + within_bins, to rounding.
struct BrierParts {
  double score = 0;
  double reliability = 0;  // of the bins' mean probabilities against their rates; 0 is best
  double resolution = 0;   // of the bins' rates against the overall rate; large is good
  double uncertainty = 0;  // rate * (1 - rate) of the outcomes
  double within_bins = 0;  // variance of the probabilities inside bins - 2 * their covariance with the outcomes
};
Result<BrierParts> brier(std::span<const std::uint8_t> outcomes, std::span<const double> probabilities,
                         const Bins& bins);

// Expected calibration error: the mean over rows of |mean probability - rate| of their bin (Naeini, Cooper and
// Hauskrecht 2015). Biased upwards by about sqrt(bins / rows).
Result<double> calibration_error(std::span<const std::uint8_t> outcomes, std::span<const double> probabilities,
                                 const Bins& bins);

// An interval of it, from resampled rows in bins that stay. The estimate's bias is larger than its spread where rows
// are few, so a plain bootstrap excludes the truth. By the triangle inequality the error is off by at most the sum over
// bins of what their gaps are off by: low is the estimate less that sum's upper quantile. The estimate lies above the
// error on average (Jensen): high is the estimate plus the spread of the replicates below their mean. Each bound holds
// at (1 + confidence) / 2. InvalidInput as above, for confidence outside (0, 1), resamples outside 100 .. 100,000.
Result<Interval> calibration_error_interval(std::span<const std::uint8_t> outcomes,
                                            std::span<const double> probabilities, const Bins& bins, double confidence,
                                            std::uint32_t resamples, Xoshiro256& random);

}  // namespace slipway::stats
