// The protobuf wire format, written: fields appended to a text, and their sizes known beforehand, because a message
// inside a message is written behind its length.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapter/protobuf_wire/wire_reader.h"

namespace slipway::protobuf_wire {

constexpr std::size_t varint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}
constexpr std::size_t tag_size(std::uint32_t number) {
  return varint_size(std::uint64_t{number} << 3);
}
// Of a field of `length` bytes: its tag, its length and itself.
constexpr std::size_t field_size(std::uint32_t number, std::size_t length) {
  return tag_size(number) + varint_size(length) + length;
}

// Writes into memory that is large enough, as the sizes above tell.
class WireCursor {
 public:
  explicit WireCursor(char* at) : at_(at) {}
  const char* at() const { return at_; }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      *at_++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *at_++ = static_cast<char>(value);
  }
  // The head of a field whose `length` bytes the caller writes.
  void head(std::uint32_t number, std::size_t length) {
    varint(std::uint64_t{number} << 3 | static_cast<std::uint64_t>(WireType::Length));
    varint(length);
  }
  void field(std::uint32_t number, std::string_view bytes) {
    head(number, bytes.size());
    at_ = std::copy(bytes.begin(), bytes.end(), at_);
  }

 private:
  char* at_;
};

inline void append_varint(std::string& out, std::uint64_t value) {
  char bytes[10];
  WireCursor cursor(bytes);
  cursor.varint(value);
  out.append(bytes, static_cast<std::size_t>(cursor.at() - bytes));
}
inline void append_tag(std::string& out, std::uint32_t number, WireType type) {
  append_varint(out, std::uint64_t{number} << 3 | static_cast<std::uint64_t>(type));
}
// The head of a field whose `length` bytes the caller appends.
inline void append_head(std::string& out, std::uint32_t number, std::size_t length) {
  char bytes[20];
  WireCursor cursor(bytes);
  cursor.head(number, length);
  out.append(bytes, static_cast<std::size_t>(cursor.at() - bytes));
}
inline void append_field(std::string& out, std::uint32_t number, std::string_view bytes) {
  append_head(out, number, bytes.size());
  out += bytes;
}

}  // namespace slipway::protobuf_wire
