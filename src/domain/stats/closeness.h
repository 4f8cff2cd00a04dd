// Closeness: whether two numbers that ought to be the same one are, for floating point.
#pragma once

#include <cstdint>

namespace slipway::stats {

// Numbers are close if any of these says so. A value.
struct Tolerance {
  double absolute = 0;  // |a - b| <= absolute + relative |b|, b the reference
  double relative = 0;
  std::uint32_t ulps = 0;  // steps of single precision between them
  bool operator==(const Tolerance&) const = default;
};

// NaN is close to NaN, an infinity to itself.
bool is_close(double value, double reference, const Tolerance& tolerance);

// How many floats lie from one to the other; 0 and -0 are one. Requires: neither is NaN.
std::uint64_t ulps_apart(float one, float other);

}  // namespace slipway::stats
