#include "domain/stats/regression.h"

#include <cmath>

#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

Result<void> check_columns(std::span<const double> truth, std::span<const double> predicted, std::size_t least) {
  TRY(check_same_length(truth.size(), predicted.size(), "true and predicted values"));
  TRY(check_values(truth, "true values", least));
  return check_values(predicted, "predicted values", least);
}

double squared_errors(std::span<const double> truth, std::span<const double> predicted) {
  Sum sum;
  for (std::size_t row = 0; row < truth.size(); ++row) {
    sum.add((truth[row] - predicted[row]) * (truth[row] - predicted[row]));
  }
  return sum.value();
}

}  // namespace

Result<double> root_mean_squared_error(std::span<const double> truth, std::span<const double> predicted) {
  TRY(check_columns(truth, predicted, 1));
  return std::sqrt(squared_errors(truth, predicted) / static_cast<double>(truth.size()));
}

Result<double> mean_absolute_error(std::span<const double> truth, std::span<const double> predicted) {
  TRY(check_columns(truth, predicted, 1));
  Sum sum;
  for (std::size_t row = 0; row < truth.size(); ++row) sum.add(std::abs(truth[row] - predicted[row]));
  return sum.value() / static_cast<double>(truth.size());
}

Result<double> r_squared(std::span<const double> truth, std::span<const double> predicted) {
  TRY(check_columns(truth, predicted, 2));
  const double errors = squared_errors(truth, predicted);
  const double spread = variance(truth, mean(truth)) * static_cast<double>(truth.size() - 1);
  if (spread > 0) return 1 - errors / spread;
  return errors == 0 ? 1.0 : 0.0;
}

}  // namespace slipway::stats
