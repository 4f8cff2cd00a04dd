// Comparing tensors: golden answers within a tolerance, rows across batch sizes, rows bit by bit.
#pragma once

#include "base/result.h"
#include "domain/tensor/tensor.h"

namespace slipway::validation {

// |found - expected| <= absolute + relative * |expected| for floating point; NaN equals NaN, an infinity itself.
// Integers, BOOL and BYTES must be equal whatever the tolerance.
struct Tolerance {
  double absolute;
  double relative;
};

// What a row may differ by between batch sizes: 1e-5 + 1e-4 |y| for FP32 and FP64, as wide as the type asks for FP16,
// BF16.
Tolerance batch_tolerance(tensor::DataType type);

// Ok if `found` has the expected name, type, shape and values. InvalidInput names the first element that differs, with
// both values.
Result<void> compare(const tensor::TensorView& expected, const tensor::TensorView& found, Tolerance tolerance);

}  // namespace slipway::validation
