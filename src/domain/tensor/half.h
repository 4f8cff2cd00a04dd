// The 16-bit floating point formats, FP16 (IEEE 754 binary16) and BF16, to and from float.
#pragma once

#include <cstdint>

namespace slipway::tensor {

float fp16_to_float(std::uint16_t bits);  // exact
float bf16_to_float(std::uint16_t bits);  // exact
// Nearest, ties to even; what is too large becomes infinity, every NaN the quiet one.
std::uint16_t float_to_fp16(float value);
std::uint16_t float_to_bf16(float value);

}  // namespace slipway::tensor
