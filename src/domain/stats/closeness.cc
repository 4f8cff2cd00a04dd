#include "domain/stats/closeness.h"

#include <bit>
#include <cmath>
#include <cstdlib>

namespace slipway::stats {
namespace {

// Floats in their order as whole numbers: negative ones count down from 0.
std::int64_t place_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto size = static_cast<std::int64_t>(bits & 0x7fff'ffffU);
  return (bits >> 31U) != 0 ? -size : size;
}

}  // namespace

std::uint64_t ulps_apart(float one, float other) {
  return static_cast<std::uint64_t>(std::abs(place_of(one) - place_of(other)));
}

bool is_close(double value, double reference, const Tolerance& tolerance) {
  if (std::isnan(value) || std::isnan(reference)) return std::isnan(value) && std::isnan(reference);
  if (value == reference) return true;
  if (std::isinf(value) || std::isinf(reference)) return false;
  if (std::abs(value - reference) <= tolerance.absolute + tolerance.relative * std::abs(reference)) return true;
  return tolerance.ulps > 0 && ulps_apart(static_cast<float>(value), static_cast<float>(reference)) <= tolerance.ulps;
}

}  // namespace slipway::stats
