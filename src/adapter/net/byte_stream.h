// ByteStream: the seam between a protocol and what carries its bytes (a socket; TLS over a socket; a test's memory).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace slipway::net {

struct StreamResult {
  enum class Outcome : std::uint8_t { Progress, WouldBlock, Ended, Failed };
  Outcome outcome;
  std::size_t count = 0;
};

// One loop's thread; never blocks. After WouldBlock the owner is told when to try again (edge-triggered).
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual StreamResult read(MutableByteSpan into) = 0;
  virtual StreamResult write(ByteSpan bytes) = 0;
  virtual void end_writing() = 0;  // the peer sees the end; reading goes on
};

}  // namespace slipway::net
