#include "adapter/codec/json_number.h"

#include <array>
#include <bit>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace slipway::codec {
namespace {

constexpr int kMantissaDigits = 19;                   // what always fits 64 bits
constexpr std::int64_t kExponentBound = 100'000'000;  // more digits of exponent change nothing

// The powers of ten that FP64 holds exactly.
constexpr std::array<double, 23> kExactPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') < 10;
}

void scan_special(NumberText& number, const char* at, const char* limit) {
  const std::string_view left(at, static_cast<std::size_t>(limit - at));
  const auto take = [&](std::string_view word, NumberText::Special special) {
    if (!left.starts_with(word)) return false;
    number.special = special;
    number.integral = false;
    number.end = at + word.size();
    return true;
  };
  if (!take("NaN", NumberText::Special::NaN) && !take("Infinity", NumberText::Special::Infinity)) {
    take("Inf", NumberText::Special::Infinity);
  }
}

template <class Float>
std::optional<Float> slowly(const NumberText& number) {
  Float value = 0;
  const auto [end, error] = std::from_chars(number.begin, number.end, value);
  // The library says "out of range" both ways; the position of the first digit tells which.
  if (error == std::errc::result_out_of_range || std::isinf(value)) {
    const Float sign = number.negative ? Float{-1} : Float{1};
    if (number.magnitude < 0) return sign * Float{0};
    return sign * std::numeric_limits<Float>::infinity();
  }
  return end == number.end ? std::optional(value) : std::nullopt;
}

template <class Float>
Float special_value(const NumberText& number) {
  const Float value = number.special == NumberText::Special::NaN ? std::numeric_limits<Float>::quiet_NaN()
                                                                 : std::numeric_limits<Float>::infinity();
  return number.negative ? -value : value;
}

// `mantissa` / 10^`places` as FP32. Two roundings to FP64 put the quotient at most two units off; the third, to FP32,
// is right unless that could move the value over the middle of two FP32 values. Nothing comes near FP32's limits: the
// value is 0 or between 10^-18 and 10^19.
PlainFloat plain_float_of(std::uint64_t mantissa, std::size_t places, bool negative, const char* end) {
  const double wide = static_cast<double>(mantissa) / kExactPowers[places];
  constexpr std::int64_t kHalf = 1 << 28;
  const auto dropped = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(wide) & ((1U << 29) - 1));
  if (std::abs(dropped - kHalf) <= 4) [[unlikely]]
    return {};
  const auto value = static_cast<float>(wide);
  return {end, negative ? -value : value};
}

}  // namespace

NumberText scan_number(const char* at, const char* limit) {
  NumberText number;
  number.begin = at;
  if (at != limit && *at == '-') {
    number.negative = true;
    ++at;
  }
  if (at == limit) return number;
  if (!is_digit(*at)) {
    if (*at == 'N' || *at == 'I') scan_special(number, at, limit);
    return number;
  }

  const char* const first = at;
  std::uint64_t mantissa = 0;
  const auto take_digits = [&] {
    while (at != limit && is_digit(*at)) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at++ - '0');
  };
  take_digits();
  if (*first == '0' && at - first > 1) return number;  // 01 is not JSON
  std::int64_t digits = at - first;
  std::int64_t exponent = 0;
  const char* point = nullptr;
  if (at != limit && *at == '.') {
    point = at++;
    const char* const fraction = at;
    take_digits();
    if (at == fraction) return number;
    exponent = fraction - at;
    digits += at - fraction;
    number.integral = false;
  }
  const char* const last = at;
  if (at != limit && (*at == 'e' || *at == 'E')) {
    ++at;
    const bool minus = at != limit && *at == '-';
    if (at != limit && (*at == '-' || *at == '+')) ++at;
    const char* const written = at;
    std::int64_t value = 0;
    for (; at != limit && is_digit(*at); ++at) {
      if (value < kExponentBound) value = value * 10 + (*at - '0');
    }
    if (at == written) return number;
    exponent += minus ? -value : value;
    number.integral = false;
  }
  number.end = at;
  number.exponent = exponent;
  number.magnitude = digits + exponent;
  if (digits > kMantissaDigits) {
    // Leading zeros (0.000...) do not count; with more digits than fit, the slow way reads the text again.
    const char* significant = first;
    while (significant != last && (*significant == '0' || significant == point)) ++significant;
    const std::int64_t skipped = significant - first - (point != nullptr && point < significant ? 1 : 0);
    number.exact = digits - skipped <= kMantissaDigits;
    number.magnitude -= skipped;
  }
  number.mantissa = mantissa;
  return number;
}

PlainFloat scan_longer_float(const char* at, const char* limit) {
  const bool negative = at != limit && *at == '-';
  at += negative;
  const char* const first = at;
  std::uint64_t mantissa = 0;
  const auto take_digits = [&] {
    for (; at != limit && is_digit(*at); ++at) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
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
  if (digits > kMantissaDigits || (at != limit && (*at == 'e' || *at == 'E'))) return {};
  return plain_float_of(mantissa, static_cast<std::size_t>(places), negative, at);
}

std::optional<double> to_double(const NumberText& number) {
  if (number.special != NumberText::Special::None) [[unlikely]]
    return special_value<double>(number);
  // W. Clinger, "How to read floating point numbers accurately": mantissa and power of ten are exact, so one
  // multiplication or division rounds once.
  if (number.exact && number.mantissa <= (std::uint64_t{1} << 53) && number.exponent >= -22 && number.exponent <= 22) {
    double value = static_cast<double>(number.mantissa);
    if (number.exponent < 0) {
      value /= kExactPowers[static_cast<std::size_t>(-number.exponent)];
    } else {
      value *= kExactPowers[static_cast<std::size_t>(number.exponent)];
    }
    return number.negative ? -value : value;
  }
  const auto value = slowly<double>(number);
  if (value && std::isinf(*value)) return std::nullopt;
  return value;
}

std::optional<float> to_float(const NumberText& number) {
  const auto wide = to_double(number);
  if (!wide || !std::isfinite(*wide)) {
    return wide ? std::optional(static_cast<float>(*wide)) : std::nullopt;
  }
  // Rounding twice goes wrong only where the FP64 value lies half-way between two FP32 values, or below the normal
  // FP32 range: there the text is read again.
  constexpr std::uint64_t kDropped = (std::uint64_t{1} << 29) - 1;
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 28;
  const bool halfway = (std::bit_cast<std::uint64_t>(*wide) & kDropped) == kHalf;
  if (halfway || std::fabs(*wide) < static_cast<double>(FLT_MIN)) [[unlikely]]
    return slowly<float>(number);
  return static_cast<float>(*wide);
}

std::optional<std::uint64_t> to_uint64(const NumberText& number) {
  if (!number.integral) return std::nullopt;
  if (number.exact) {
    if (number.negative && number.mantissa != 0) return std::nullopt;
    return number.mantissa;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(number.begin, number.end, value);
  return error == std::errc{} && end == number.end ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> to_int64(const NumberText& number) {
  if (!number.integral) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(number.begin, number.end, value);
  return error == std::errc{} && end == number.end ? std::optional(value) : std::nullopt;
}

}  // namespace slipway::codec
