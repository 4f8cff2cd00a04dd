#include "adapter/package_reader/wire_format.h"

namespace slipway::package_reader {

void WireReader::skip(std::size_t count) {
  rest_ = rest_.subspan(count);
  offset_ += count;
}

Error WireReader::malformed(std::string_view what) const {
  return invalid_input("malformed protobuf at byte " + std::to_string(offset_) + ": " + std::string(what));
}

std::optional<std::uint64_t> WireReader::varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
    const auto byte = static_cast<std::uint64_t>(rest_[i]);
    if (i == 9 && byte > 1) return std::nullopt;  // beyond 64 bits
    value |= (byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      skip(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> WireReader::fixed(std::size_t size) {
  if (rest_.size() < size) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(rest_[i]) << (8 * i);
  skip(size);
  return value;
}

Result<std::optional<WireField>> WireReader::next() {
  if (rest_.empty()) return std::optional<WireField>();
  WireField field;
  field.offset = offset_;
  const auto tag = varint();
  if (!tag || *tag > UINT32_MAX) return malformed("expected a field's tag");
  field.number = static_cast<std::uint32_t>(*tag >> 3);
  if (field.number == 0) return malformed("expected a field number from 1 on, found 0");
  std::optional<std::uint64_t> value;
  switch (*tag & 7) {
    case 0:
      field.type = WireType::Varint;
      value = varint();
      break;
    case 1:
      field.type = WireType::Fixed64;
      value = fixed(8);
      break;
    case 2: {
      field.type = WireType::Length;
      value = varint();
      if (!value) break;
      if (*value > rest_.size()) {
        return malformed("expected " + std::to_string(*value) + " bytes of field " + std::to_string(field.number) +
                         ", found " + std::to_string(rest_.size()) + " (is the file cut off?)");
      }
      field.offset = offset_;
      field.bytes = rest_.first(*value);
      skip(*value);
      break;
    }
    case 5:
      field.type = WireType::Fixed32;
      value = fixed(4);
      break;
    default:
      return malformed("expected a wire type of protobuf 3, found " + std::to_string(*tag & 7));
  }
  if (!value) return malformed("field " + std::to_string(field.number) + " is cut off");
  field.value = *value;
  return std::optional<WireField>(field);
}

}  // namespace slipway::package_reader
