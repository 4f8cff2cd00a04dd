// JsonReader: reads JSON from outside in one pass, exactly as its caller expects it, and tells where it is not so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "adapter/codec/arena.h"
#include "adapter/codec/json_number.h"
#include "base/result.h"

namespace slipway::codec {

inline constexpr int kMaxJsonDepth = 64;

// One thread, one pass. Borrows the text; strings it returns live as long as the text and the arena. After the first
// failure every call answers "no", and error() names the expected, the found, the JSON path and the byte offset.
// Accepts what RFC 8259 allows, a leading byte order mark, and NaN and Infinity as numbers. Memory: only unescaped
// strings, in the arena; time: linear in the text.
class JsonReader {
 public:
  JsonReader(std::string_view text, Arena& arena);

  enum class Kind : std::uint8_t { Object, Array, String, Number, Boolean, Null, Nothing };
  Kind peek();  // of the value that follows; Nothing at the end or for a character that starts no value

  //   if (!reader.enter_object()) ...; while (const auto key = reader.next_key()) { read or skip the value }
  bool enter_object();
  std::optional<std::string_view> next_key();  // nullopt: the object ended, or failed()
  bool enter_array();
  bool next_element() {  // false: the array ended, or failed()
    skip_space();
    if (at_ != end_ && *at_ == ',' && !first_) [[likely]] {
      ++at_;
      return true;
    }
    return begin_or_end_array();
  }

  std::optional<std::string_view> string();
  std::optional<bool> boolean();
  NumberText number() {  // false if it is not one
    skip_space();
    NumberText scanned = scan_number(at_, end_);
    if (scanned) {
      at_ = scanned.end;
    } else {
      expected_number();
    }
    return scanned;
  }
  // A number as scan_plain_float() reads it; nullopt: nothing was read, ask number().
  // Always inline: an optional<float> in a register would be put together in memory, which costs more than the number.
  [[gnu::always_inline]] std::optional<float> plain_float() {
    skip_space();
    const PlainFloat plain = scan_plain_float(at_, end_);
    if (plain.end == nullptr) [[unlikely]]
      return std::nullopt;
    at_ = plain.end;
    return plain.value;
  }
  // The elements that follow one of an array, as far as they are such numbers: how many, of at most `most`. They are
  // put one after the other at `out`; in registers, since most of a request's time in this reader goes here.
  std::size_t plain_floats(std::byte* out, std::size_t most) {
    const auto past_space = [end = end_](const char* at) {
      while (at != end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
      return at;
    };
    const char* const end = end_;
    const char* at = at_;
    std::size_t count = 0;
    for (; count < most; ++count) {
      const char* const comma = past_space(at);
      if (comma == end || *comma != ',') break;
      const PlainFloat plain = scan_plain_float(past_space(comma + 1), end);
      if (plain.end == nullptr) [[unlikely]]
        break;
      std::memcpy(out + count * sizeof plain.value, &plain.value, sizeof plain.value);
      at = plain.end;
    }
    at_ = at;
    return count;
  }
  bool skip();    // one value of any kind, checked
  bool finish();  // only space is left

  // Byte offset of what comes next; and back to a place remembered so. Requires: `offset` at the start of a value.
  std::size_t offset();
  void rewind(std::size_t offset) { at_ = begin_ + offset; }
  // Out of the container just entered, back to its begin. Requires: nothing of it was read.
  void leave_to(std::size_t begin) {
    rewind(begin);
    --depth_;
  }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  std::string_view text() const { return {begin_, static_cast<std::size_t>(end_ - begin_)}; }

  bool failed() const { return failed_; }
  // Fails at what comes next, or at `offset`. Returns false, so that callers can return it.
  bool fail(std::string_view what);
  bool fail_at(std::size_t offset, std::string_view what);
  bool fail_expected(std::string_view expected);  // "expected X, found a string"
  // Requires: failed().
  Error error() const;

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool begin_or_end_array();
  bool enter(char open, std::string_view expected);
  bool leave();
  bool literal(std::string_view word);
  void expected_number();
  std::optional<std::string_view> unescape(const char* from);

  const char* begin_;
  const char* at_;
  const char* end_;
  Arena& arena_;
  int depth_ = 0;
  bool first_ = false;  // nothing read yet of the container just entered
  bool failed_ = false;
  std::size_t failed_at_ = 0;
  std::string what_;
};

// "$.inputs[0].data[3]": the way to the value at `offset`, as far as the text before it is well-formed.
std::string json_path(std::string_view text, std::size_t offset);

}  // namespace slipway::codec
