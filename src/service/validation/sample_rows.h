// SampleRows: inputs to try a model with: its golden rows, and rows made from what its signature allows.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/model/manifest.h"

namespace slipway::validation {

// Rows that fit together in one execution. Made once per candidate; deterministic.
class SampleRows {
 public:
  explicit SampleRows(const model::Manifest& manifest);

  // Inputs whose rows are the sample rows numbered in `rows` (any number; the samples repeat), or, when the model has
  // no batch dimension, one whole sample. Requires: rows not empty.
  std::vector<tensor::Tensor> batch(std::span<const std::uint64_t> rows) const;

 private:
  tensor::Tensor make(const tensor::TensorSpec& spec, std::uint64_t row) const;

  const model::Manifest& manifest_;
  const bool has_rows_;
  std::vector<tensor::Shape> row_shapes_;                    // per input: one row, free dimensions decided
  std::vector<std::vector<std::vector<std::byte>>> golden_;  // per golden row, per input: its bytes
};

}  // namespace slipway::validation
