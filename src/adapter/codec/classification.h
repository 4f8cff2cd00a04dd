// The classification extension: the best classes of an output as "value:index[:label]"; no label: none, or an empty
// one.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "adapter/codec/arena.h"
#include "base/result.h"
#include "domain/tensor/tensor.h"

namespace slipway::codec {

// How an output is read as classes.
struct Classes {
  std::uint64_t count = 1;              // how many to name; more than there are means all
  bool rows = true;                     // dimension 0 is the batch: classes are counted per row
  std::span<const std::string> labels;  // by index; may be empty
};

// A BYTES tensor [rows, n] or [n], the largest value first, equal ones by index, NaN last. Its name is the output's;
// its data lie in `arena`. InvalidInput for BOOL and BYTES outputs. Requires: check_data_length passed.
Result<tensor::TensorView> classify(const tensor::TensorView& output, const Classes& classes, Arena& arena);

}  // namespace slipway::codec
