#include "domain/tensor/row_plan.h"

#include <algorithm>

#include "base/nearest_word.h"
#include "base/text.h"

namespace slipway::tensor {
namespace {

constexpr std::uint64_t kMaxColumns = 1'000'000;
constexpr std::size_t kMostCompared = 1000;  // columns: this runs on an event loop

// True if dimension 0 counts rows: it is free, or 1 before the dimensions of one row.
bool counts_rows(const Shape& shape) {
  return shape.rank() > 0 && (shape[0] == kFreeDimension || (shape[0] == 1 && shape.rank() > 1));
}

}  // namespace

Result<RowPlan> RowPlan::of(const Signature& signature) {
  RowPlan plan;
  plan.signature_ = &signature;
  for (std::size_t input = 0; input < signature.inputs.size(); ++input) {
    const TensorSpec& spec = signature.inputs[input];
    Shape row = spec.shape;
    if (counts_rows(row)) row.set(0, 1);
    const auto count = row.element_count();
    if (!count || *count + plan.columns_.size() > kMaxColumns) {
      return invalid_input("input \"" + printable(spec.name) +
                           "\": expected a fixed number of values per row, found shape " + spec.shape.to_string() +
                           ": ask /v2/models/{model}/infer instead");
    }
    plan.per_row_.push_back(*count);
    const bool named = spec.features.size() == *count;
    for (std::size_t i = 0; i < *count; ++i) {
      const bool alone = *count == 1 && !named;
      if (named || alone) plan.by_name_.emplace(named ? spec.features[i] : spec.name, plan.columns_.size());
      plan.columns_.push_back({named ? spec.features[i] : alone ? spec.name : std::string(), input, i});
    }
  }
  return plan;
}

std::optional<std::size_t> RowPlan::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

Error RowPlan::unknown_feature(std::string_view name) const {
  const std::string what = "unknown feature \"" + printable(name, 60) + "\": ";
  std::string_view best;
  if (columns_.size() <= kMostCompared) {
    std::vector<std::string_view> known;
    for (const RowColumn& column : columns_) known.push_back(column.name);
    best = nearest_word(name, known);
  }
  if (!best.empty()) return invalid_input(what + "did you mean \"" + printable(best, 60) + "\"?");
  std::string names;
  for (std::size_t i = 0; i < columns_.size() && i < 5; ++i) {
    names += (i == 0 ? "\"" : ", \"") + printable(columns_[i].name, 60) + "\"";
  }
  if (columns_.size() > 5) names += " and " + std::to_string(columns_.size() - 5) + " more";
  return invalid_input(what + "the model takes " + names);
}

std::string RowPlan::describe(std::size_t column) const {
  const std::string& name = columns_[column].name;
  return name.empty() ? "column " + std::to_string(column + 1) : "feature \"" + printable(name, 60) + "\"";
}

std::uint64_t RowPlan::rows_at_once(std::uint64_t max_batch) const {
  const auto is_free = [](const TensorSpec& spec) { return spec.shape.rank() > 0 && spec.shape[0] == kFreeDimension; };
  const bool many =
      std::ranges::all_of(signature_->inputs, is_free) && std::ranges::all_of(signature_->outputs, is_free);
  return many ? max_batch : 1;
}

Shape RowPlan::shape(std::size_t input, std::uint64_t rows) const {
  Shape shape = signature_->inputs[input].shape;
  if (shape.rank() > 0 && shape[0] == kFreeDimension) shape.set(0, static_cast<std::int64_t>(rows));
  return shape;
}

}  // namespace slipway::tensor
