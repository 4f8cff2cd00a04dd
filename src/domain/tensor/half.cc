#include "domain/tensor/half.h"

#include <bit>
#include <cmath>

namespace slipway::tensor {
namespace {
constexpr std::uint32_t kSign = 0x8000'0000;
constexpr std::uint32_t kFp16Infinity = 0x7C00;
}  // namespace

float fp16_to_float(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1F;
  const std::uint32_t fraction = bits & 0x3FF;
  if (exponent == 0) {
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1F ? 0xFF : exponent + (127 - 15);
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

float bf16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

std::uint16_t float_to_fp16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits & kSign) >> 16;
  if (std::isnan(value)) return 0x7E00;
  const float magnitude = std::abs(value);
  if (magnitude >= 65520.0F) return static_cast<std::uint16_t>(sign | kFp16Infinity);
  if (magnitude < 0x1p-14F) {
    // Subnormal: a whole number of 2^-24; nearbyint rounds ties to even, and 1024 of them is the smallest normal.
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, 24))));
  }
  std::uint32_t wide = bits & ~kSign;
  wide += 0xFFF + ((wide >> 13) & 1);  // a carry into the exponent is the right answer
  return static_cast<std::uint16_t>(sign | ((wide >> 13) - ((127 - 15) << 10)));
}

std::uint16_t float_to_bf16(float value) {
  if (std::isnan(value)) return 0x7FC0;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

}  // namespace slipway::tensor
