// Numbers in JSON text: scanned once, then turned into exactly the type a tensor holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway::codec {

// A number as written. A value; borrows the text.
struct NumberText {
  const char* begin = nullptr;
  const char* end = nullptr;   // nullptr: no number here
  std::uint64_t mantissa = 0;  // the first 19 significant digits, without the point
  std::int64_t exponent = 0;   // value = mantissa * 10^exponent when `exact`
  std::int64_t magnitude = 0;  // value < 10^magnitude
  bool negative = false;
  bool exact = true;     // mantissa holds every digit
  bool integral = true;  // written without point and exponent
  enum class Special : std::uint8_t { None, NaN, Infinity } special = Special::None;

  explicit operator bool() const { return end != nullptr; }
  std::string_view text() const { return {begin, static_cast<std::size_t>(end - begin)}; }
};

// Scans -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? or NaN, Inf, Infinity with an optional minus, which Triton's
// clients send and expect. Reads nothing at or after `limit`.
NumberText scan_number(const char* at, const char* limit);

// Correctly rounded. nullopt: a finite number beyond FP64. Beyond FP32 is infinity, as when FP64 is narrowed; too
// small is zero.
std::optional<double> to_double(const NumberText& number);
std::optional<float> to_float(const NumberText& number);

// nullopt: not written as an integer, or outside the type's range.
std::optional<std::int64_t> to_int64(const NumberText& number);
std::optional<std::uint64_t> to_uint64(const NumberText& number);

}  // namespace slipway::codec
