#include "adapter/codec/number_text.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

namespace slipway::codec {
namespace {

char* write_word(char* out, std::string_view word) {
  std::memcpy(out, word.data(), word.size());
  return out + word.size();
}

template <class Float>
char* write_float(char* out, Float value) {
  if (!std::isfinite(value)) [[unlikely]] {
    if (std::isnan(value)) return write_word(out, "NaN");
    return write_word(out, value > 0 ? "Infinity" : "-Infinity");
  }
  char* const end = std::to_chars(out, out + kMaxNumberText, value).ptr;
  for (const char* at = out; at != end; ++at) {
    if (*at == '.' || *at == 'e') return end;
  }
  return write_word(end, ".0");
}

}  // namespace

char* write_number(char* out, float value) {
  return write_float(out, value);
}
char* write_number(char* out, double value) {
  return write_float(out, value);
}
char* write_number(char* out, std::int64_t value) {
  return std::to_chars(out, out + kMaxNumberText, value).ptr;
}
char* write_number(char* out, std::uint64_t value) {
  return std::to_chars(out, out + kMaxNumberText, value).ptr;
}

}  // namespace slipway::codec
