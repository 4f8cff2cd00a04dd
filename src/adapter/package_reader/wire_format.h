// The protobuf wire format, read in place: fields of a message, one after the other, with every length checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::package_reader {

enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Length = 2, Fixed32 = 5 };

// One field; borrows the message.
struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::Varint;
  std::uint64_t value = 0;   // of Varint, Fixed64 and Fixed32
  ByteSpan bytes;            // of Length
  std::uint64_t offset = 0;  // in the file: of `bytes`, or of the field

  std::string_view text() const { return as_text(bytes); }
};

// Walks one message. Failures are InvalidInput with the byte offset. Allocates nothing.
class WireReader {
 public:
  // `base`: where `message` starts in the file.
  explicit WireReader(ByteSpan message, std::uint64_t base = 0) : rest_(message), offset_(base) {}

  // nullopt at the end of the message. Groups and field number 0 are refused.
  Result<std::optional<WireField>> next();

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::uint64_t> fixed(std::size_t size);
  void skip(std::size_t count);
  Error malformed(std::string_view what) const;

  ByteSpan rest_;
  std::uint64_t offset_;
};

}  // namespace slipway::package_reader
