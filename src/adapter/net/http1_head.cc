#include "adapter/net/http1_head.h"

#include <algorithm>
#include <cstring>

#include "adapter/net/characters.h"

namespace slipway::net {
namespace {

bool names_http(std::string_view text) {
  constexpr std::string_view kName = "http/";
  for (std::size_t i = 0; i + kName.size() <= text.size(); ++i) {
    if (equals_ignoring_case(text.substr(i, kName.size()), kName)) return true;
  }
  return false;
}

bool is_text(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

void HeadParser::reset() {
  line_start_ = scanned_ = fields_start_ = 0;
  has_request_line_ = skipped_empty_line_ = repeats_ = is_foreign_ = false;
  if (kept_ && kept_->size != 0) return;  // repeat() may want the head as it is
  reset_head();
}

HeadParser::Outcome HeadParser::feed(char* bytes, std::size_t size) {
  if (scanned_ == 0 && size != 0 && had_another_ && repeat(bytes, size)) return Outcome::Done;
  const Outcome outcome = parse(bytes, size);
  if (outcome == Outcome::Done) keep(bytes);
  return outcome;
}

// At the first bytes of a head: true if it is all there and the one before. Else they are set aside before they change.
bool HeadParser::repeat(char* bytes, std::size_t size) {
  if (!kept_) kept_ = std::make_unique<Kept>();
  Kept& kept = *kept_;
  if (kept.size != 0) {
    if (size >= kept.size && std::memcmp(bytes, kept.sent.data(), kept.size) == 0) {
      std::memcpy(bytes, kept.read.data(), kept.size);
      line_start_ = scanned_ = kept.size;
      repeats_ = has_request_line_ = true;
      return true;
    }
    kept.size = 0;
    reset_head();
  }
  kept.sent_size = static_cast<std::uint32_t>(std::min<std::size_t>(size, Kept::kMost));
  std::memcpy(kept.sent.data(), bytes, kept.sent_size);
  return false;
}

void HeadParser::keep(const char* bytes) {
  had_another_ = true;
  if (!kept_ || line_start_ > kept_->sent_size) return;
  std::memcpy(kept_->read.data(), bytes, line_start_);
  kept_->size = line_start_;
}

HeadParser::Outcome HeadParser::parse(char* bytes, std::size_t size) {
  while (scanned_ < size) {
    const void* found = std::memchr(bytes + scanned_, '\n', size - scanned_);
    if (found == nullptr) break;
    const auto feed_at = static_cast<std::uint32_t>(static_cast<const char*>(found) - bytes);
    const std::uint32_t begin = line_start_;
    scanned_ = line_start_ = feed_at + 1;
    if (feed_at == begin || bytes[feed_at - 1] != '\r') {
      refuse(400, "a line of the head ends with a bare line feed instead of CR LF");
      return Outcome::Refused;
    }
    const std::uint32_t end = feed_at - 1;
    if (begin == end) {
      if (has_request_line_) return finish(bytes) ? Outcome::Done : Outcome::Refused;
      // One empty line before a request is an old client's habit (RFC 9112, 2.2).
      if (skipped_empty_line_) return refuse(400, "empty lines stand before the request line"), Outcome::Refused;
      skipped_empty_line_ = true;
      continue;
    }
    const bool good = has_request_line_ ? take_field(bytes, begin, end) : take_request_line(bytes, begin, end);
    if (!good) return Outcome::Refused;
  }
  scanned_ = static_cast<std::uint32_t>(size);
  return check_unfinished(bytes, size) ? Outcome::NeedsMore : Outcome::Refused;
}

// What can be said of a line before its end has come: that it is too long, or cannot become a request.
bool HeadParser::check_unfinished(const char* bytes, std::size_t size) {
  const std::size_t partial = size - line_start_;
  if (has_request_line_) {
    if (size - fields_start_ > limits_.fields_bytes) return refuse(431, "the header fields are longer than the limit");
    return true;
  }
  if (partial > limits_.uri + 32U) return refuse(414, "the request target is longer than the limit");
  const auto* line = reinterpret_cast<const std::uint8_t*>(bytes + line_start_);
  for (std::size_t i = 0; i < partial; ++i) {
    if (line[i] > 0x20 && line[i] < 0x7F) continue;
    if (line[i] == ' ' && i > 0) continue;
    if (line[i] == '\r' && i + 1 == partial) continue;
    return refuse(400, "the request line holds a byte that cannot be in one: is this HTTP/1.1?");
  }
  return true;
}

bool HeadParser::take_request_line(char* bytes, std::uint32_t begin, std::uint32_t end) {
  std::uint32_t at = begin;
  while (at < end && kTokenLower[static_cast<std::uint8_t>(bytes[at])] != 0) ++at;
  if (at == begin || at == end || bytes[at] != ' ') {
    return refuse(400, "the request line does not begin with a method and one space");
  }
  if (at - begin > 32) return refuse(400, "the method is longer than 32 characters");
  head_.method = parse_method({bytes + begin, at - begin});
  const std::uint32_t target = at + 1;
  const std::string_view line(bytes, end);
  const std::size_t space = line.find(' ', target);
  if (space == std::string_view::npos) return refuse(400, "the request line has no HTTP version");
  const std::string_view version = line.substr(space + 1);
  if (version == "HTTP/1.0") {
    head_.is_http_1_0 = true;
  } else if (version != "HTTP/1.1") {
    const bool is_version = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                            version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
    // Longer ones are refused before their end has come, as a target that is too long.
    is_foreign_ = head_.method == Method::Other && end - begin < limits_.uri + 32U && !names_http(line.substr(space)) &&
                  is_text(line.substr(begin));
    return is_version ? refuse(505, "this port speaks HTTP/1.1 and HTTP/1.0; the request has another version")
                      : refuse(400, "the request line does not end with one space and HTTP/1.1");
  }
  if (space - target > limits_.uri) return refuse(414, "the request target is longer than the limit");
  has_request_line_ = true;
  fields_start_ = line_start_;
  return take_target(bytes, target, static_cast<std::uint32_t>(space));
}

bool HeadParser::take_target(const char* bytes, std::uint32_t begin, std::uint32_t end) {
  const std::string_view target(bytes + begin, end - begin);
  if (target == "*" && head_.method == Method::Options) {
    head_.path = {begin, 1};
    return true;
  }
  // The absolute form names the host again; it must be the one of the Host field (checked in finish()).
  std::uint32_t path = begin;
  absolute_host_ = {};
  if (target.size() > 7 && equals_ignoring_case(target.substr(0, 7), "http://")) {
    const std::size_t slash = target.find_first_of("/?", 7);
    if (slash == std::string_view::npos || slash == 7 || target[slash] != '/') {
      return refuse(400, "the request target is not http://, a host and a path");
    }
    absolute_host_ = {begin + 7, static_cast<std::uint32_t>(slash - 7)};
    path = begin + static_cast<std::uint32_t>(slash);
  }
  return take_path(bytes, path, end);
}

bool HeadParser::take_field(char* bytes, std::uint32_t begin, std::uint32_t end) {
  if (line_start_ - fields_start_ > limits_.fields_bytes) {
    return refuse(431, "the header fields are longer than the limit");
  }
  if (bytes[begin] == ' ' || bytes[begin] == '\t') return refuse(400, "a header field is folded over two lines");
  std::uint32_t at = begin;
  while (at < end) {
    const char lower = kTokenLower[static_cast<std::uint8_t>(bytes[at])];
    if (lower == 0) break;
    bytes[at++] = lower;
  }
  if (at == begin || at == end || bytes[at] != ':') {
    return refuse(400, "a header field is not a name followed at once by a colon");
  }
  std::uint32_t value = at + 1;
  while (value < end && (bytes[value] == ' ' || bytes[value] == '\t')) ++value;
  std::uint32_t value_end = end;
  while (value_end > value && (bytes[value_end - 1] == ' ' || bytes[value_end - 1] == '\t')) --value_end;
  return add_field(bytes, {begin, at - begin}, {value, value_end - value});
}

bool HeadParser::finish(const char* bytes) {
  if (head_.is_chunked && head_.content_length) {
    return refuse(400, "both Transfer-Encoding and Content-Length are given");
  }
  if (head_.is_chunked && head_.is_http_1_0) return refuse(400, "HTTP/1.0 knows no Transfer-Encoding");
  const std::string_view host = head_.value(KnownField::Host, bytes);
  if (!head_.has(KnownField::Host) && !head_.is_http_1_0) return refuse(400, "the Host field is missing");
  if (absolute_host_.size != 0 && absolute_host_.in(bytes) != host) {
    return refuse(400, "the host of the request target is not the one of the Host field");
  }
  head_.expects_continue &= !head_.is_http_1_0;
  head_.keeps_alive = !says_close_ && (!head_.is_http_1_0 || says_keep_alive_);
  return true;
}

}  // namespace slipway::net
