// RequestHead: the head of a request in every version of HTTP, and the rules its target and fields must keep.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
  bool has_own_fields = false;  // a name begins with ports::Caller::kOwnHeaders
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

// Puts a head together from its parts, and refuses what breaks a rule with the reason. Derived from by the readers of
// each version.
class HeadRules {
 public:
  const RequestHead& head() const { return head_; }
  const Refusal& refusal() const { return refusal_; }

 protected:
  explicit HeadRules(HeadLimits limits) : limits_(limits) {}
  void reset_head();
  // Each returns false when it refuses.
  bool refuse(int status, std::string_view why);
  bool take_path(const char* bytes, std::uint32_t begin, std::uint32_t end);  // with the query
  // The name is in lower case already, the value has no space around it.
  bool add_field(const char* bytes, RequestHead::Piece name, RequestHead::Piece value);
  bool take_known(KnownField known, std::string_view value);

  const HeadLimits limits_;
  Refusal refusal_{400, ""};
  RequestHead head_;
  bool says_close_ = false;
  bool says_keep_alive_ = false;

 private:
  bool take_connection(std::string_view value);
};

Method parse_method(std::string_view text);  // Other when it is none of ours
KnownField known_field(std::string_view lower_name);
bool is_host(std::string_view text);

}  // namespace slipway::net
