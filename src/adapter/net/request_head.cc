#include "adapter/net/request_head.h"

#include "adapter/net/characters.h"
#include "ports/predictor.h"

namespace slipway::net {
namespace {

struct NamedField {
  std::string_view name;
  KnownField known;
};
constexpr std::array<NamedField, 9> kKnownFields = {{{"host", KnownField::Host},
                                                     {"content-length", KnownField::ContentLength},
                                                     {"transfer-encoding", KnownField::TransferEncoding},
                                                     {"connection", KnownField::Connection},
                                                     {"expect", KnownField::Expect},
                                                     {"content-encoding", KnownField::ContentEncoding},
                                                     {"accept-encoding", KnownField::AcceptEncoding},
                                                     {"authorization", KnownField::Authorization},
                                                     {"x-request-id", KnownField::RequestId}}};

std::optional<std::uint64_t> parse_length(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

}  // namespace

// By length first: all the known names have different ones but for a few.
KnownField known_field(std::string_view name) {
  static constexpr auto kByLength = [] {
    std::array<std::uint8_t, 32> table{};
    for (std::size_t i = 0; i < kKnownFields.size(); ++i) {
      table[kKnownFields[i].name.size()] = static_cast<std::uint8_t>(i + 1);
    }
    return table;
  }();
  static_assert(
      [] {
        for (std::size_t i = 0; i < kKnownFields.size(); ++i) {
          for (std::size_t j = 0; j < i; ++j) {
            if (kKnownFields[i].name.size() == kKnownFields[j].name.size()) return false;
          }
        }
        return true;
      }(),
      "two known fields of one length need a longer look");
  if (name.size() >= kByLength.size() || kByLength[name.size()] == 0) return KnownField::Count;
  const NamedField& candidate = kKnownFields[kByLength[name.size()] - 1U];
  return name == candidate.name ? candidate.known : KnownField::Count;
}

Method parse_method(std::string_view text) {
  switch (text.size()) {
    case 3:
      if (text == "GET") return Method::Get;
      return text == "PUT" ? Method::Put : Method::Other;
    case 4:
      if (text == "POST") return Method::Post;
      return text == "HEAD" ? Method::Head : Method::Other;
    case 5:
      return text == "PATCH" ? Method::Patch : Method::Other;
    case 6:
      return text == "DELETE" ? Method::Delete : Method::Other;
    case 7:
      return text == "OPTIONS" ? Method::Options : Method::Other;
    default:
      return Method::Other;
  }
}

bool is_host(std::string_view text) {
  for (const char c : text) {
    if (!kIsTarget[static_cast<std::uint8_t>(c)] || c == '/' || c == '?' || c == '@' || c == ',') return false;
  }
  return !text.empty();
}

std::string_view RequestHead::find(std::string_view lower_name, const char* bytes) const {
  if (bytes == nullptr) return {};  // the head is gone
  for (std::uint32_t i = 0; i < field_count; ++i) {
    if (fields[i].name.in(bytes) == lower_name) return fields[i].value.in(bytes);
  }
  return {};
}

void HeadRules::reset_head() {
  head_.method = Method::Other;
  head_.is_http_1_0 = head_.is_chunked = head_.expects_continue = false;
  head_.target_has_escapes = head_.has_own_fields = false;
  head_.keeps_alive = true;
  head_.content_length.reset();
  head_.path = head_.query = {};
  head_.field_count = 0;
  head_.known.fill(0);
  says_close_ = says_keep_alive_ = false;
}

bool HeadRules::refuse(int status, std::string_view why) {
  refusal_ = {status, why};
  return false;
}

bool HeadRules::take_path(const char* bytes, std::uint32_t path, std::uint32_t end) {
  if (path == end || bytes[path] != '/') return refuse(400, "the request target does not begin with '/'");
  std::uint32_t question = end;
  for (std::uint32_t i = path; i < end; ++i) {
    const char c = bytes[i];
    if (!kIsTarget[static_cast<std::uint8_t>(c)]) {
      return refuse(400, "the request target holds a character that must be percent-encoded");
    }
    if (c == '?' && question == end) question = i;
    if ((c == '[' || c == ']') && question == end) return refuse(400, "the path holds a bracket: write %5B or %5D");
    if (c != '%') continue;
    if (i + 2 >= end || hex_digit(bytes[i + 1]) < 0 || hex_digit(bytes[i + 2]) < 0) {
      return refuse(400, "the request target has a '%' without two hexadecimal digits");
    }
    if (bytes[i + 1] == '0' && bytes[i + 2] == '0') return refuse(400, "the request target holds %00");
    head_.target_has_escapes = true;
  }
  head_.path = {path, question - path};
  if (question != end) head_.query = {question + 1, end - question - 1};
  return true;
}

bool HeadRules::add_field(const char* bytes, RequestHead::Piece name, RequestHead::Piece value) {
  if (head_.field_count >= limits_.fields || head_.field_count >= RequestHead::kMostFields) {
    return refuse(431, "there are more header fields than the limit");
  }
  const std::string_view text = value.in(bytes);
  bool good = true;
  for (const char c : text) good &= kIsFieldValue[static_cast<std::uint8_t>(c)];
  if (!good) return refuse(400, "a header field's value holds a control character");
  head_.fields[head_.field_count++] = {name, value};
  const KnownField known = known_field(name.in(bytes));
  head_.has_own_fields |= name.in(bytes).starts_with(ports::Caller::kOwnHeaders);
  return known == KnownField::Count || take_known(known, text);
}

bool HeadRules::take_known(KnownField known, std::string_view value) {
  std::uint8_t& slot = head_.known[static_cast<std::size_t>(known)];
  const bool repeated = slot != 0;
  if (!repeated) slot = static_cast<std::uint8_t>(head_.field_count);
  switch (known) {
    case KnownField::Host:
      if (repeated) return refuse(400, "the Host field is repeated");
      return is_host(value) || refuse(400, "the Host field is not a host and port");
    case KnownField::ContentLength:
      if (repeated) return refuse(400, "the Content-Length field is repeated");
      head_.content_length = parse_length(value);
      return head_.content_length || refuse(400, "the Content-Length field is not a plain decimal number");
    case KnownField::TransferEncoding:
      if (repeated) return refuse(400, "the Transfer-Encoding field is repeated");
      if (!equals_ignoring_case(value, "chunked"))
        return refuse(400, "the only Transfer-Encoding accepted is 'chunked'");
      head_.is_chunked = true;
      return true;
    case KnownField::Connection:
      return take_connection(value);
    case KnownField::Expect:
      if (!equals_ignoring_case(value, "100-continue"))
        return refuse(417, "the only Expect accepted is '100-continue'");
      head_.expects_continue = true;
      return true;
    case KnownField::ContentEncoding:
      return !repeated || refuse(415, "the body is encoded more than once: accepted is one of gzip, deflate, identity");
    case KnownField::Authorization:
      return !repeated || refuse(400, "the Authorization field is repeated");
    case KnownField::AcceptEncoding:
    case KnownField::RequestId:
    case KnownField::Count:
      return true;
  }
  return true;
}

bool HeadRules::take_connection(std::string_view value) {
  while (!value.empty()) {
    const std::string_view option = next_of_list(value);
    for (const char c : option) {
      if (kTokenLower[static_cast<std::uint8_t>(c)] == 0) {
        return refuse(400, "the Connection field is not a list of tokens");
      }
    }
    says_close_ |= equals_ignoring_case(option, "close");
    says_keep_alive_ |= equals_ignoring_case(option, "keep-alive");
  }
  return true;
}

}  // namespace slipway::net
