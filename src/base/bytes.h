// Bytes (an amount of memory) and spans of raw memory.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway {

// An amount of memory or storage.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};
constexpr Bytes kibibytes(std::uint64_t n) {
  return {n << 10};
}
constexpr Bytes mebibytes(std::uint64_t n) {
  return {n << 20};
}
constexpr Bytes gibibytes(std::uint64_t n) {
  return {n << 30};
}

// Accepts "512", "64KiB", "256MiB", "2GiB", "1.5GB" (decimal units too); InvalidInput names the text and the forms.
Result<Bytes> parse_bytes(std::string_view text);
// The largest unit that divides the amount: "256MiB", "1000B".
std::string to_string(Bytes amount);

using ByteSpan = std::span<const std::byte>;
using MutableByteSpan = std::span<std::byte>;

inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Sizes that come from outside are only ever multiplied and added through these: nullopt on overflow.
inline std::optional<std::uint64_t> checked_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}
inline std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

}  // namespace slipway
