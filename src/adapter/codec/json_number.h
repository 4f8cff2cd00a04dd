// Numbers in JSON text: scanned once, then turned into exactly the type a tensor holds.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace slipway::codec {

// Powers of ten that FP32 holds exactly.
inline constexpr std::array<float, 8> kFloatPowers = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F, 1e7F};

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
PlainFloat scan_longer_float(const char* at, const char* limit);

// Numbers of at most eight characters ("17.99") are read as one word, others digit by digit.
[[gnu::always_inline]] inline PlainFloat scan_plain_float(const char* at, const char* limit) {
  static_assert(std::endian::native == std::endian::little);
  if (limit - at < 9) [[unlikely]]
    return scan_longer_float(at, limit);
  const bool negative = *at == '-';
  const char* const first = at + negative;
  std::uint64_t word;
  std::memcpy(&word, first, sizeof word);
  constexpr std::uint64_t kTops = 0x8080808080808080;
  std::uint64_t digits = word ^ 0x3030303030303030;  // 0-9 where there is a digit
  const std::uint64_t others = (((digits & ~kTops) + 0x7676767676767676) | digits) & kTops;
  if (others == 0) return scan_longer_float(at, limit);
  auto size = static_cast<unsigned>(std::countr_zero(others)) / 8;  // digits before the first other character
  unsigned places = 0;
  unsigned length = size;
  const bool leading_zero = size > 1 && *first == '0';
  if (first[size] == '.') {
    const std::uint64_t later = others & (others - 1);
    if (later == 0) return scan_longer_float(at, limit);
    length = static_cast<unsigned>(std::countr_zero(later)) / 8;
    places = length - size - 1;
    if (size == 0 || places == 0) return {};
    const std::uint64_t before = (std::uint64_t{1} << (8 * size)) - 1;
    digits = (digits & before) | ((digits >> 8) & ~before);  // closes the gap of the point
    size = length - 1;
  }
  const char end = first[length];
  if (size == 0 || leading_zero || (end | 0x20) == 'e') [[unlikely]]
    return {};
  // Eight digits at once: pairs, fours, eight; shifting puts zeros before the first.
  digits <<= 8 * (8 - size);
  digits = digits * 10 + (digits >> 8);
  constexpr std::uint64_t kPairs = 0x000000FF000000FF;
  const auto mantissa = static_cast<std::int32_t>(
      ((digits & kPairs) * 0x000F424000000064 + ((digits >> 16) & kPairs) * 0x0000271000000001) >> 32);
  // Exact by exact, or by 1: one rounding (W. Clinger). With a point there are at most seven digits, less than 2^24.
  const float value = static_cast<float>(mantissa) / kFloatPowers[places];
  return {first + length, negative ? -value : value};
}

// nullopt: not written as an integer, or outside the type's range.
std::optional<std::int64_t> to_int64(const NumberText& number);
std::optional<std::uint64_t> to_uint64(const NumberText& number);

}  // namespace slipway::codec
