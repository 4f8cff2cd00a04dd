// SampleRows: inputs to try a model with: its golden rows first, then rows made up from what its signature allows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/model/manifest.h"

namespace slipway::validation {

// Rows that fit together in one execution. Made once per candidate; deterministic.
class SampleRows {
 public:
  explicit SampleRows(const model::Manifest& manifest);

  // The required inputs with the sample rows numbered in `rows` one below the other; without a batch dimension one
  // whole sample, the first one's. Requires: rows not empty.
  std::vector<tensor::Tensor> batch(std::span<const std::uint64_t> rows) const;

 private:
  std::vector<tensor::Tensor> sample(std::uint64_t number) const;
  void take_golden(const model::GoldenExample& example);

  bool has_rows_;
  tensor::Signature one_row_;  // every free dimension decided, the first one as 1
  std::vector<std::vector<tensor::Tensor>> golden_;
};

}  // namespace slipway::validation
