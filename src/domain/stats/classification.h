// Classification: the confusion matrix and what is computed of it. All values in [0, 1].
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace slipway::stats {

inline constexpr std::uint32_t kMostClasses = 4'096;  // of a matrix: 128 MiB

// counts[truth * classes + predicted]. A value.
struct ConfusionMatrix {
  std::uint32_t classes = 0;
  std::vector<std::uint64_t> counts;
  std::uint64_t at(std::uint32_t truth, std::uint32_t predicted) const {
    return counts[std::size_t{truth} * classes + predicted];
  }
};

// InvalidInput for no rows, columns of different length, a class that is not below `classes` (named with its row), or
// `classes` outside 2 .. kMostClasses.
Result<ConfusionMatrix> confusion(std::span<const std::uint32_t> truth, std::span<const std::uint32_t> predicted,
                                  std::uint32_t classes);

double accuracy(const ConfusionMatrix& matrix);  // Requires: a row counted, as confusion() gives it.

// Precision tp / (tp + fp), recall tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn); each 0 where its denominator is 0.
struct PrecisionRecall {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

// Macro: the mean over the classes that occur in truth or prediction. Micro: of the summed counts. Weighted: the mean
// by how often a class is true. As scikit-learn with zero_division = 0.
enum class Averaging : std::uint8_t { Macro, Micro, Weighted };
PrecisionRecall precision_recall(const ConfusionMatrix& matrix, Averaging averaging);
// Of one class against all others. Requires: positive < matrix.classes.
PrecisionRecall precision_recall_of(const ConfusionMatrix& matrix, std::uint32_t positive);

}  // namespace slipway::stats
