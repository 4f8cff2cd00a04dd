// ByteStream: the seam between a protocol and what carries its bytes (a socket; TLS over a socket; a test's memory).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace slipway::net {

struct StreamResult {
  enum class Outcome : std::uint8_t { Progress, WouldBlock, Ended, Failed };
  constexpr StreamResult(Outcome outcome_, std::size_t count_ = 0, bool is_cut_ = false)
      : outcome(outcome_), is_cut(is_cut_), count(count_) {}
  Outcome outcome;
  bool is_cut = false;  // of read(): it stopped of itself; no event comes for the rest, so it is to be read again
  std::size_t count = 0;
};

// One loop's thread; never blocks. After WouldBlock the owner is told when to try again (edge-triggered).
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual StreamResult read(MutableByteSpan into) = 0;
  // The same into one part behind the other. Requires: none is empty.
  virtual StreamResult read_parts(std::span<const MutableByteSpan> parts);
  virtual StreamResult write(ByteSpan bytes) = 0;
  virtual void end_writing() = 0;  // the peer sees the end; reading goes on
  // True until the peers have agreed how to talk: no byte that read() gives can have come.
  virtual bool is_handshaking() const { return false; }
  // What the peers agreed by name to speak (ALPN); empty: nothing, or not yet.
  virtual std::string_view protocol() const { return {}; }
  // The names in the certificate that the peer proved to be its own; none when it showed none.
  virtual std::optional<std::vector<std::string>> certificate_names() const { return std::nullopt; }
};

}  // namespace slipway::net
