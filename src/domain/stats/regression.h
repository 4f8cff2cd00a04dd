// Regression: how far predicted numbers lie from the true ones. InvalidInput for no rows, columns of different length,
// NaN, infinity.
#pragma once

#include <span>

#include "base/result.h"

namespace slipway::stats {

Result<double> root_mean_squared_error(std::span<const double> truth, std::span<const double> predicted);
Result<double> mean_absolute_error(std::span<const double> truth, std::span<const double> predicted);

// 1 - sum of squared errors / sum of squares about the mean; at most 1. At least two rows. If the truth does not vary
// it is 1 for a perfect prediction and 0 else (as scikit-learn).
Result<double> r_squared(std::span<const double> truth, std::span<const double> predicted);

}  // namespace slipway::stats
