// The protobuf wire format, written: fields appended to a text, and their sizes known beforehand, because a message
// inside a message is written behind its length.
#pragma once

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

inline void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}
inline void append_tag(std::string& out, std::uint32_t number, WireType type) {
  append_varint(out, std::uint64_t{number} << 3 | static_cast<std::uint64_t>(type));
}
// The head of a field whose `length` bytes the caller appends.
inline void append_head(std::string& out, std::uint32_t number, std::size_t length) {
  append_tag(out, number, WireType::Length);
  append_varint(out, length);
}
inline void append_field(std::string& out, std::uint32_t number, std::string_view bytes) {
  append_head(out, number, bytes.size());
  out += bytes;
}

}  // namespace slipway::protobuf_wire
