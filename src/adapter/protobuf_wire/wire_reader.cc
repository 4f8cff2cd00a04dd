#include "adapter/protobuf_wire/wire_reader.h"

#include <bit>

namespace slipway::protobuf_wire {

static_assert(std::endian::native == std::endian::little, "fixed fields are read as they lie");

bool WireReader::refuse(std::string_view what) {
  error_ = invalid_input("malformed protobuf at byte " + std::to_string(offset()) + ": " + std::string(what));
  at_ = end_;
  return false;
}

bool WireReader::long_varint(std::uint64_t& value) {
  const std::byte* at = at_;
  value = 0;
  for (unsigned i = 0; i < 10 && at != end_; ++i) {
    const auto byte = static_cast<std::uint64_t>(*at++);
    if (i == 9 && byte > 1) return false;  // beyond 64 bits
    value |= (byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      at_ = at;
      return true;
    }
  }
  return false;
}

template <class Word>
bool WireReader::fixed(std::uint64_t& value) {
  if (static_cast<std::size_t>(end_ - at_) < sizeof(Word)) return false;
  Word word;
  std::memcpy(&word, at_, sizeof word);
  at_ += sizeof word;
  value = word;
  return true;
}

bool WireReader::length(WireField& field) {
  if (!varint(field.value)) return false;
  const auto left = static_cast<std::uint64_t>(end_ - at_);
  if (field.value > left) {
    return refuse("expected " + std::to_string(field.value) + " bytes of field " + std::to_string(field.number) +
                  ", found " + std::to_string(left) + " (is the end cut off?)");
  }
  field.offset = offset();
  field.bytes = {at_, static_cast<std::size_t>(field.value)};
  at_ += field.value;
  return true;
}

bool WireReader::next(WireField& field) {
  if (at_ == end_) return false;
  field.offset = offset();
  field.bytes = {};
  std::uint64_t tag = 0;
  if (!varint(tag) || tag > UINT32_MAX) return refuse("expected a field's tag");
  field.number = static_cast<std::uint32_t>(tag >> 3);
  if (field.number == 0) return refuse("expected a field number from 1 on, found 0");
  field.type = static_cast<WireType>(tag & 7);
  bool whole = false;
  switch (field.type) {
    case WireType::Varint:
      whole = varint(field.value);
      break;
    case WireType::Fixed64:
      whole = fixed<std::uint64_t>(field.value);
      break;
    case WireType::Length:
      whole = length(field);
      break;
    case WireType::Fixed32:
      whole = fixed<std::uint32_t>(field.value);
      break;
    default:
      return refuse("expected a wire type of protobuf 3, found " + std::to_string(tag & 7));
  }
  if (whole) return true;
  return !error_ && refuse("field " + std::to_string(field.number) + " is cut off");
}

bool WireReader::next_varint(std::uint64_t& value) {
  if (at_ == end_) return false;
  return varint(value) || refuse("a number of a packed list is cut off");
}

Result<std::optional<WireField>> WireReader::next() {
  WireField field;
  if (next(field)) return std::optional<WireField>(field);
  if (error_) return *error_;
  return std::optional<WireField>();
}

}  // namespace slipway::protobuf_wire
