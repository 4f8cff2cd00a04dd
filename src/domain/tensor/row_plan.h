// RowPlan: how a row of values, as a person writes it, becomes the inputs of a model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "domain/tensor/signature.h"

namespace slipway::tensor {

// One value of a row.
struct RowColumn {
  std::string name;          // of the feature, or of an input of one value; empty: only its place tells it
  std::size_t input = 0;     // index into the signature's inputs
  std::size_t position = 0;  // among the input's values of one row
};

// A value; borrows the signature. Columns are the inputs' values in the order of the signature.
class RowPlan {
 public:
  // InvalidInput: a shape leaves open how many values a row has.
  static Result<RowPlan> of(const Signature& signature);

  const Signature& signature() const { return *signature_; }
  const std::vector<RowColumn>& columns() const { return columns_; }
  bool has_names() const { return !by_name_.empty(); }
  std::optional<std::size_t> find(std::string_view name) const;
  // "unknown feature "x": did you mean "y"?"
  Error unknown_feature(std::string_view name) const;
  // The name, or "column 3".
  std::string describe(std::size_t column) const;

  std::uint64_t values_per_row(std::size_t input) const { return per_row_[input]; }
  // Rows of one execution, 0 for no limit: what the manifest says, or 1 if some input or output does not count rows.
  std::uint64_t rows_at_once(std::uint64_t max_batch) const;
  // The tensor's shape for this many rows. Requires: rows_at_once() allows them.
  Shape shape(std::size_t input, std::uint64_t rows) const;

 private:
  const Signature* signature_ = nullptr;
  std::vector<RowColumn> columns_;
  std::vector<std::uint64_t> per_row_;
  std::unordered_map<std::string_view, std::size_t> by_name_;  // borrows the signature's names
};

}  // namespace slipway::tensor
