// Reduction: a few numbers and a digest that stand for a prediction's outputs in its record.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "domain/tensor/tensor.h"

namespace slipway::tensor {

inline constexpr std::size_t kMostReduced = 4;

struct Reduced {
  std::array<float, kMostReduced> values{};
  std::uint8_t count = 0;
  std::uint64_t digest = 0;  // XXH3-64 of the outputs' first 4 KiB each, and their sizes; 0: no outputs
};

// Of outputs whose data fit their shapes, in their order, while there is room. An output of one number per row: the
// mean over the rows. Of several per row, as scores of classes: the index of the first row's largest, and that largest.
// Integers, Bool, FP32 and FP64; others have a digest only. Looks at no more than 256 numbers of each. Allocates
// nothing.
Reduced reduce(std::span<const TensorView> outputs, std::uint64_t rows);

}  // namespace slipway::tensor
