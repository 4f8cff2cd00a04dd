// Calibration: how well probabilities say how often. Probabilities in [0, 1], outcomes 0 or 1, one of each per row.
// InvalidInput for no rows, columns of different length, NaN, a probability or outcome outside its range.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

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

}  // namespace slipway::stats
