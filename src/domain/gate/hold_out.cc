#include "domain/gate/hold_out.h"

#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace slipway::gate {
namespace {

constexpr std::array<std::pair<Metric, std::string_view>, 12> kNames{{
    {Metric::Accuracy, "accuracy"},
    {Metric::Precision, "precision"},
    {Metric::Recall, "recall"},
    {Metric::F1, "f1"},
    {Metric::Auroc, "auroc"},
    {Metric::AveragePrecision, "average_precision"},
    {Metric::LogLoss, "log_loss"},
    {Metric::Brier, "brier"},
    {Metric::Ece, "ece"},
    {Metric::Rmse, "rmse"},
    {Metric::Mae, "mae"},
    {Metric::RSquared, "r_squared"},
}};

Error wrong(const std::string& column, const std::string& expected, const std::string& found) {
  return invalid_input(column + ": expected " + expected + ", found " + found);
}

Result<void> check_length(const std::string& column, std::size_t expected, std::size_t found) {
  if (expected == found) return {};
  return wrong(column, std::to_string(expected) + " values", std::to_string(found));
}

Result<void> check_classes(const std::string& column, std::span<const std::uint32_t> classes, std::uint32_t limit) {
  for (std::size_t row = 0; row < classes.size(); ++row) {
    if (classes[row] >= limit) {
      return wrong(column, "classes below " + std::to_string(limit),
                   std::to_string(classes[row]) + " in row " + std::to_string(row));
    }
  }
  return {};
}

Result<void> check_numbers(const std::string& column, std::span<const double> values, std::size_t per_row,
                           double largest) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_probability = largest == 1;
    if (!std::isfinite(values[i]) || (is_probability && (values[i] < 0 || values[i] > 1))) {
      return wrong(column, is_probability ? "probabilities in [0, 1]" : "finite numbers",
                   std::to_string(values[i]) + " in row " + std::to_string(i / per_row));
    }
  }
  return {};
}

Result<void> check_lengths(const HoldOut& data, const Predicted& predicted, const std::string& whose) {
  if (data.task == Task::Regression) return check_length(whose + " values", data.rows(), predicted.values.size());
  TRY(check_length(whose + " classes", data.rows(), predicted.classes.size()));
  if (predicted.probabilities.empty()) return {};
  return check_length(whose + " probabilities", data.rows() * data.classes, predicted.probabilities.size());
}

Result<void> check_content(const HoldOut& data, const Predicted& predicted, const std::string& whose) {
  if (data.task == Task::Regression) return check_numbers(whose + " values", predicted.values, 1, 0);
  TRY(check_classes(whose + " classes", predicted.classes, data.classes));
  return check_numbers(whose + " probabilities", predicted.probabilities, data.classes, 1);
}

}  // namespace

Result<void> check(const HoldOut& data) {
  constexpr std::size_t kMostRows = 100'000'000;
  if (data.rows() > kMostRows) return wrong("rows", "at most 100000000", std::to_string(data.rows()));
  if (data.task == Task::Classification && (data.classes < 2 || data.classes > 4'096)) {
    return wrong("classes", "2 to 4096", std::to_string(data.classes));
  }
  TRY(check_classes("true classes", data.truth_classes, data.classes));
  TRY(check_numbers("true values", data.truth_values, 1, 0));
  TRY(check_lengths(data, data.candidate, "the candidate's"));
  if (!data.live) return {};
  TRY(check_lengths(data, *data.live, "the live version's"));
  return check_content(data, *data.live, "the live version's");
}

Result<void> check_answers(const HoldOut& data) {
  return check_content(data, data.candidate, "the candidate's");
}

std::string_view name_of(Metric metric) {
  for (const auto& [known, name] : kNames) {
    if (known == metric) return name;
  }
  return "accuracy";
}

std::optional<Metric> parse_metric(std::string_view name) {
  for (const auto& [metric, known] : kNames) {
    if (known == name) return metric;
  }
  return std::nullopt;
}

bool is_better_when_larger(Metric metric) {
  switch (metric) {
    case Metric::Accuracy:
    case Metric::Precision:
    case Metric::Recall:
    case Metric::F1:
    case Metric::Auroc:
    case Metric::AveragePrecision:
    case Metric::RSquared:
      return true;
    case Metric::LogLoss:
    case Metric::Brier:
    case Metric::Ece:
    case Metric::Rmse:
    case Metric::Mae:
      return false;
  }
  return true;
}

}  // namespace slipway::gate
