// GrpcFrames: cuts the bytes of a call into its messages: a flag, four bytes of length, the message.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "adapter/net/content_coding.h"
#include "base/bytes.h"
#include "base/result.h"

namespace slipway::net {

inline constexpr std::size_t kGrpcPrefix = 5;
inline constexpr std::uint8_t kGrpcCompressed = 1;
inline constexpr std::uint8_t kGrpcWebTrailers = 0x80;

// Appends a message's prefix; its `length` bytes follow. Requires: length < 2^32.
void append_grpc_prefix(std::string& out, std::uint8_t flags, std::size_t length);

// One direction of one call; one thread. Holds at most one message, and none that came in one piece. A message that is
// longer than the limit is refused when its length is known, before any of it is kept, and again while it inflates.
class GrpcFrames {
 public:
  // `coding`: what grpc-encoding names.
  explicit GrpcFrames(Bytes limit, Coding coding = Coding::Identity) : limit_(limit), coding_(coding) {}

  // Takes bytes from the front of `input`. The next message, decoded, or nullopt: all of `input` was taken and more is
  // needed. The view borrows `input` or this, until the next call. Overloaded: too long (RESOURCE_EXHAUSTED).
  // InvalidInput: flags nobody knows, compressed without an encoding, or badly so. After an error: no more calls.
  Result<std::optional<ByteSpan>> next(ByteSpan& input);
  // The length that a prefix announces; errors as next().
  Result<std::size_t> announced(std::span<const std::byte, kGrpcPrefix> prefix) const;
  // Bytes of memory this has.
  std::size_t held() const { return partial_.capacity() + whole_.capacity() + inflated_.capacity(); }
  // InvalidInput: the call ended within a message.
  Result<void> finish() const;

 private:
  Result<ByteSpan> decoded(ByteSpan message);

  Bytes limit_;
  Coding coding_;
  std::array<std::byte, kGrpcPrefix> prefix_{};
  std::size_t prefix_filled_ = 0;
  std::size_t length_ = 0;
  std::string partial_;  // of the message that `prefix_` announces
  std::string whole_;    // that came in pieces, while the caller reads it
  std::string inflated_;
};

}  // namespace slipway::net
