// BodyReader: from the bytes after a head to the decoded body: framing, then content coding, then the limits.
#pragma once

#include <cstdint>
#include <optional>

#include "adapter/net/content_coding.h"
#include "adapter/net/http1_chunks.h"
#include "adapter/net/http1_head.h"
#include "base/bytes.h"

namespace slipway::net {

// Where decoded bytes go. room() is empty when it can take none at present; `coming`: how much is there to store, 0
// when that is not known.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual MutableByteSpan room(std::size_t coming) = 0;
  virtual void commit(std::size_t count) = 0;  // the first `count` bytes of room() were filled
};

// A value, one per body. Above kFreeOfRatio inflated bytes, content may not be more than 100 times its encoded size.
class BodyReader {
 public:
  enum class Outcome : std::uint8_t { NeedsInput, SinkFull, Done, Refused };
  static constexpr std::uint64_t kFreeOfRatio = 1 << 20;
  static constexpr std::uint64_t kMostRatio = 100;

  // The framing is not ours (HTTP/2): end() tells where the body ends.
  BodyReader(Coding coding, std::uint64_t limit);
  // `limit` is of decoded bytes.
  BodyReader(const RequestHead& head, Coding coding, std::uint64_t limit, ChunkLimits chunks);

  // Takes what it can off the front of `input`.
  Outcome feed(ByteSpan& input, BodySink& sink);
  Outcome end(BodySink& sink) { return finish(sink); }
  // Bytes that may be read from the stream straight into the sink; 0 when they need decoding.
  std::uint64_t plain_left() const { return is_chunked_ || inflater_ ? 0 : left_; }
  Outcome took_plain(std::size_t count, BodySink& sink);
  std::uint64_t raw_bytes() const { return raw_; }
  const Refusal& refusal() const { return refusal_; }

 private:
  Outcome refuse(int status, std::string_view why);
  Outcome finish(BodySink& sink);
  std::optional<Outcome> pass(ByteSpan& input, std::size_t available, BodySink& sink);
  std::optional<Outcome> account(std::size_t consumed, std::size_t produced, BodySink& sink);

  const bool is_chunked_;
  std::uint64_t left_;
  const std::uint64_t limit_;
  ChunkDecoder chunks_;
  std::optional<Inflater> inflater_;
  std::uint64_t raw_ = 0, decoded_ = 0;
  Refusal refusal_{400, ""};
};

}  // namespace slipway::net
