// HeadParser: the request line and header fields of HTTP/1.1, strictly as RFC 9112 says, one line at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "adapter/net/exchange.h"

namespace slipway::net {

// Why a request is answered by the connection itself. `why` has static storage.
struct Refusal {
  int status;
  std::string_view why;
};

struct HeadLimits {
  std::uint32_t uri = 8 << 10;
  std::uint32_t fields_bytes = 32 << 10;
  std::uint32_t fields = 100;  // at most RequestHead::kMostFields
};

// Fields the connection itself looks at; each has a slot, so that no lookup is needed.
enum class KnownField : std::uint8_t {
  Host,
  ContentLength,
  TransferEncoding,
  Connection,
  Expect,
  ContentEncoding,
  AcceptEncoding,
  Authorization,
  RequestId,
  Count
};

// A parsed head: offsets into the bytes it was parsed from (which may move as a whole). Names are lower-cased in place.
struct RequestHead {
  static constexpr std::size_t kMostFields = 128;
  struct Piece {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
    std::string_view in(const char* bytes) const { return {bytes + at, size}; }
  };
  struct Field {
    Piece name, value;
  };

  Method method = Method::Other;
  bool is_http_1_0 = false;
  bool is_chunked = false;
  bool keeps_alive = true;
  bool expects_continue = false;
  bool target_has_escapes = false;
  std::optional<std::uint64_t> content_length;
  Piece path, query;  // as sent; query without '?'
  std::uint32_t field_count = 0;
  std::array<std::uint8_t, static_cast<std::size_t>(KnownField::Count)> known{};  // index + 1 into fields
  std::array<Field, kMostFields> fields;

  bool has(KnownField field) const { return known[static_cast<std::size_t>(field)] != 0; }
  std::string_view value(KnownField field, const char* bytes) const {
    const std::uint8_t index = known[static_cast<std::size_t>(field)];
    return index == 0 ? std::string_view{} : fields[index - 1U].value.in(bytes);
  }
  // Empty when absent; the first when repeated.
  std::string_view find(std::string_view lower_name, const char* bytes) const;
};

// Reset for each request. Reads each line once, however the bytes are split; a head that is byte for byte the one
// before is recognized and not read again.
class HeadParser {
 public:
  enum class Outcome : std::uint8_t { NeedsMore, Done, Refused };

  explicit HeadParser(HeadLimits limits) : limits_(limits) {}
  void reset();
  // `bytes` starts at the request's first byte and holds `size` bytes, those seen before included.
  Outcome feed(char* bytes, std::size_t size);

  const RequestHead& head() const { return head_; }
  std::size_t head_size() const { return line_start_; }  // after Done: bytes up to and with the empty line
  bool has_begun() const { return line_start_ != 0; }
  bool repeats() const { return repeats_; }  // after Done: head() is what it was after the last Done
  const Refusal& refusal() const { return refusal_; }
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
  void clear();
  Outcome parse(char* bytes, std::size_t size);
  bool refuse(int status, std::string_view why);
  bool take_request_line(char* bytes, std::uint32_t begin, std::uint32_t end);
  bool take_target(const char* bytes, std::uint32_t begin, std::uint32_t end);
  bool take_field(char* bytes, std::uint32_t begin, std::uint32_t end);
  bool take_known(KnownField known, std::string_view value);
  bool take_connection(std::string_view value);
  bool check_unfinished(const char* bytes, std::size_t size);
  bool finish(const char* bytes);

  HeadLimits limits_;
  Refusal refusal_{400, ""};
  std::uint32_t line_start_ = 0;
  std::uint32_t scanned_ = 0;  // no line feed before here
  std::uint32_t fields_start_ = 0;
  bool has_request_line_ = false;
  bool skipped_empty_line_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool repeats_ = false;
  bool had_another_ = false;
  RequestHead::Piece absolute_host_;
  RequestHead head_;
  std::unique_ptr<Kept> kept_;
};

}  // namespace slipway::net
