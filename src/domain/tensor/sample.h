// Sample inputs: made-up values that fit a signature, for warm-up and verification.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/tensor/signature.h"

namespace slipway::tensor {

// One tensor per required input: `rows` in a free first dimension, 1 in every other free one. Numbers lie within the
// declared ranges, else in [0, 1] for floating point and {0, 1} for the others; BYTES elements are decimal digits. The
// same seed gives the same values, and row i is the same whatever `rows` is.
std::vector<Tensor> sample_inputs(const Signature& signature, std::uint64_t rows, std::uint64_t seed);

}  // namespace slipway::tensor
