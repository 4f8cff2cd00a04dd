// Numbers in JSON text: scanned once, then turned into exactly the type a tensor holds.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace slipway::codec {

// The powers of ten that FP64 holds exactly.
inline constexpr std::array<double, 23> kExactPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

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

// Most numbers of most requests, on the shortest way: without exponent, at most 19 digits.
struct PlainFloat {
  const char* end = nullptr;  // nullptr: not such a number, or one too close to call: scan_number() reads any
  float value = 0;
};
inline PlainFloat scan_plain_float(const char* at, const char* limit) {
  const bool negative = at != limit && *at == '-';
  at += negative;
  const char* const first = at;
  std::uint64_t mantissa = 0;
  const auto take_digits = [&] {
    for (; at != limit && static_cast<unsigned char>(*at - '0') < 10; ++at) {
      mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
    }
  };
  take_digits();
  std::ptrdiff_t digits = at - first;
  if (digits == 0 || (digits > 1 && *first == '0')) return {};
  std::ptrdiff_t places = 0;
  if (at != limit && *at == '.') {
    const char* const fraction = ++at;
    take_digits();
    places = at - fraction;
    digits += places;
    if (places == 0) return {};
  }
  if (digits > 19 || (at != limit && (*at == 'e' || *at == 'E'))) return {};
  // Two roundings to FP64 put `wide` at most two units off; the third, to FP32, is right unless that could move the
  // value over the middle of two FP32 values. Nothing here comes near FP32's limits: 0 or 10^-18 to 10^19.
  const double wide = static_cast<double>(mantissa) / kExactPowers[static_cast<std::size_t>(places)];
  constexpr std::int64_t kHalf = 1 << 28;
  const auto dropped = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(wide) & ((1U << 29) - 1));
  if (std::abs(dropped - kHalf) <= 4) return {};
  const auto value = static_cast<float>(wide);
  return {at, negative ? -value : value};
}

// nullopt: not written as an integer, or outside the type's range.
std::optional<std::int64_t> to_int64(const NumberText& number);
std::optional<std::uint64_t> to_uint64(const NumberText& number);

}  // namespace slipway::codec
