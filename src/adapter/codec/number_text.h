// Numbers as JSON text: the shortest text that reads back as the same value.
#pragma once

#include <cstddef>
#include <cstdint>

namespace slipway::codec {

inline constexpr std::size_t kMaxNumberText = 32;

// Each writes at `out`, which has room for kMaxNumberText, and returns the end. Whole floating-point numbers end in
// ".0", so that clients in dynamic languages keep their type; NaN, Infinity and -Infinity are bare words.
char* write_number(char* out, float value);
char* write_number(char* out, double value);
char* write_number(char* out, std::int64_t value);
char* write_number(char* out, std::uint64_t value);

}  // namespace slipway::codec
