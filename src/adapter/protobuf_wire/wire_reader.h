// The protobuf wire format, read in place: fields of a message, one after the other, with every length checked.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::protobuf_wire {

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

// Walks one message. Failures are InvalidInput with the byte offset. Allocates nothing before it fails.
class WireReader {
 public:
  // `base`: where `message` starts in the file.
  explicit WireReader(ByteSpan message, std::uint64_t base = 0)
      : at_(message.data()), end_(message.data() + message.size()), begin_(message.data()), base_(base) {}

  // nullopt at the end of the message. Groups and field number 0 are refused.
  Result<std::optional<WireField>> next();

  // The same without the cost of a Result for each field: false at the end, and after a failure.
  bool next(WireField& field);
  const std::optional<Error>& error() const { return error_; }

  // The next value of a packed list of varints. False as above.
  bool next_varint(std::uint64_t& value);

 private:
  bool varint(std::uint64_t& value) {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) [[likely]] {
      value = static_cast<std::uint8_t>(*at_++);
      return true;
    }
    return long_varint(value);
  }
  bool long_varint(std::uint64_t& value);
  template <class Word>
  bool fixed(std::uint64_t& value);
  bool length(WireField& field);
  bool refuse(std::string_view what);
  std::uint64_t offset() const { return base_ + static_cast<std::uint64_t>(at_ - begin_); }

  const std::byte* at_;
  const std::byte* end_;
  const std::byte* begin_;
  std::uint64_t base_;
  std::optional<Error> error_;
};

}  // namespace slipway::protobuf_wire
