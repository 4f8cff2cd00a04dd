// HoldOut: labelled rows with what the candidate and the live version predicted for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::gate {

enum class Task : std::uint8_t { Classification, Regression };

// One model's answers, by row. Filled as the task asks: classes (and probabilities if the model gives them), or values.
struct Predicted {
  std::vector<std::uint32_t> classes;  // below HoldOut::classes
  std::vector<double> probabilities;   // rows x classes, row by row, each row summing to 1; or empty
  std::vector<double> values;          // of a regression
};

// A value. Rows are in the same order everywhere; that makes the comparison with the live version a paired one.
struct HoldOut {
  Task task = Task::Classification;
  std::uint32_t classes = 2;  // of two, class 1 is the positive one
  std::vector<std::uint32_t> truth_classes;
  std::vector<double> truth_values;
  Predicted candidate;
  std::optional<Predicted> live;
  bool has_live = false;  // a version is live: then `live` being absent is a gap in the evidence, not a first version

  std::size_t rows() const { return task == Task::Classification ? truth_classes.size() : truth_values.size(); }
};

// Lengths equal, classes below `classes`, numbers finite, probabilities in [0, 1]. InvalidInput names column and row.
Result<void> check(const HoldOut& data);
// The same of the candidate's own answers, once the rest is right: what is wrong there is the candidate's fault.
Result<void> check_answers(const HoldOut& data);

enum class Metric : std::uint8_t {
  Accuracy,
  Precision,  // of class 1 with two classes, else the mean over classes (macro); so Recall and F1
  Recall,
  F1,
  Auroc,             // two classes, from probabilities
  AveragePrecision,  // the same
  LogLoss,           // from probabilities; also Brier (two classes) and Ece (15 equal-mass bins of the winning class)
  Brier,
  Ece,
  Rmse,
  Mae,
  RSquared,
};
std::string_view name_of(
    Metric metric);  // "accuracy", "f1", "auroc", "average_precision", "log_loss", "r_squared", ...
std::optional<Metric> parse_metric(std::string_view name);
bool is_better_when_larger(Metric metric);

}  // namespace slipway::gate
