// HeadParser: the request line and header fields of HTTP/1.1, strictly as RFC 9112 says, one line at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "adapter/net/request_head.h"

namespace slipway::net {

// Reset for each request. Reads each line once, however the bytes are split; a head that is byte for byte the one
// before is recognized and not read again.
class HeadParser : public HeadRules {
 public:
  enum class Outcome : std::uint8_t { NeedsMore, Done, Refused };

  explicit HeadParser(HeadLimits limits) : HeadRules(limits) {}
  void reset();
  // `bytes` starts at the request's first byte and holds `size` bytes, those seen before included.
  Outcome feed(char* bytes, std::size_t size);

  std::size_t head_size() const { return line_start_; }  // after Done: bytes up to and with the empty line
  bool has_begun() const { return line_start_ != 0; }
  bool repeats() const { return repeats_; }  // after Done: head() is what it was after the last Done
  // After Refused: the first line is text of another protocol than HTTP/1.
  bool is_foreign() const { return is_foreign_; }
  // Bytes a buffer must be able to hold for any head within the limits.
  static std::size_t most_bytes(HeadLimits limits) { return limits.uri + limits.fields_bytes + 128U; }

 private:
  // A short head as it came and as it was left, for connections that send more than one.
  struct Kept {
    static constexpr std::uint32_t kMost = 512;
    std::array<char, kMost> sent, read;
    std::uint32_t sent_size = 0;  // what the first feed() of this head brought
    std::uint32_t size = 0;       // of the head in both; 0: none
  };
  bool repeat(char* bytes, std::size_t size);
  void keep(const char* bytes);
  Outcome parse(char* bytes, std::size_t size);
  bool take_request_line(char* bytes, std::uint32_t begin, std::uint32_t end);
  bool take_target(const char* bytes, std::uint32_t begin, std::uint32_t end);
  bool take_field(char* bytes, std::uint32_t begin, std::uint32_t end);
  bool check_unfinished(const char* bytes, std::size_t size);
  bool finish(const char* bytes);

  std::uint32_t line_start_ = 0;
  std::uint32_t scanned_ = 0;  // no line feed before here
  std::uint32_t fields_start_ = 0;
  bool has_request_line_ = false;
  bool skipped_empty_line_ = false;
  bool repeats_ = false;
  bool had_another_ = false;
  bool is_foreign_ = false;
  RequestHead::Piece absolute_host_;
  std::unique_ptr<Kept> kept_;
};

}  // namespace slipway::net
