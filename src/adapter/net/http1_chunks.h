// ChunkDecoder: the framing of chunked bodies (RFC 9112, 7.1), strictly; extensions and trailers are checked and
// dropped.
#pragma once

#include <cstdint>
#include <string_view>

#include "adapter/net/http1_head.h"
#include "base/bytes.h"

namespace slipway::net {

struct ChunkLimits {
  std::size_t chunks = 65'536;
  std::size_t line = 256;            // a chunk's size with its extensions
  std::size_t trailer_bytes = 8192;  // all trailer fields
  std::size_t trailer_fields = 100;
};

// A value, one per body.
class ChunkDecoder {
 public:
  enum class Outcome : std::uint8_t { NeedsInput, HasContent, Done, Refused };

  explicit ChunkDecoder(ChunkLimits limits = {}) : limits_(limits) {}
  // Takes framing off the front of `input`, up to content (then content_left() > 0 and input is not empty), to the end
  // of the body, or until the input is used up.
  Outcome advance(ByteSpan& input);
  std::uint64_t content_left() const { return left_; }
  // `count` bytes of content were taken off the input. Requires: count <= content_left().
  void took(std::uint64_t count);
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t {
    Size,
    Extension,
    SizeLineFeed,
    Content,
    ContentReturn,
    ContentLineFeed,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLineFeed,
    LastLineFeed,
    Done,
    Refused
  };
  void take(std::uint8_t byte);
  void take_size(std::uint8_t byte);
  void take_trailer(std::uint8_t byte);
  void end_size_line();
  void refuse(int status, std::string_view why);

  ChunkLimits limits_;
  State state_ = State::Size;
  std::uint64_t left_ = 0;
  std::size_t digits_ = 0, line_ = 0, chunks_ = 0, trailer_bytes_ = 0, trailer_fields_ = 0;
  Refusal refusal_{400, ""};
};

}  // namespace slipway::net
