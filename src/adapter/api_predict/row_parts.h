// RowParts: cuts the rows of one request into what the model takes at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "adapter/api_predict/row_builder.h"
#include "domain/tensor/tensor.h"

namespace slipway::api_predict {

// Lives for one request; borrows the plan and the inputs' bytes. Parts come in the order of the rows.
class RowParts {
 public:
  // `most`: rows of one part, 0 for no limit.
  RowParts(const tensor::RowPlan& plan, std::vector<BuiltInput> inputs, std::uint64_t rows, std::uint64_t most)
      : plan_(plan), left_(std::move(inputs)), rows_left_(rows), most_(most == 0 ? rows : most) {}

  std::uint64_t rows_left() const { return rows_left_; }
  // Puts the inputs of the next rows into `into` and returns how many rows they are.
  std::uint64_t take(std::vector<tensor::TensorView>& into);

 private:
  const tensor::RowPlan& plan_;
  std::vector<BuiltInput> left_;  // their data begin at the first row that was not taken
  std::uint64_t rows_left_;
  const std::uint64_t most_;
};

}  // namespace slipway::api_predict
