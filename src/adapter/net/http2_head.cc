#include "adapter/net/http2_head.h"

namespace slipway::net {
namespace {

constexpr std::size_t kKept = 4 << 10;  // of a head's memory, for the next
constexpr std::size_t kKeptPath = 256;

}  // namespace

void Http2Head::reset() {
  if (bytes_.capacity() > kKept) std::string().swap(bytes_);
  bytes_.clear();
  path_ = authority_ = {};
  has_authority_ = is_refused_ = false;
  seen_ = counted_ = 0;
  reset_head();
}

void Http2Head::release() {
  std::string().swap(bytes_);
  reset();
}

RequestHead::Piece Http2Head::keep(std::string_view text) {
  const RequestHead::Piece piece{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())};
  bytes_ += text;
  return piece;
}

void Http2Head::take(std::string_view name, std::string_view value) {
  ++seen_;
  if (is_refused_) return;
  if (name == ":path") {
    if (value.size() > limits_.uri) {
      is_refused_ = !refuse(414, "the request target is longer than the limit");
      return;
    }
    path_ = keep(value);
    return;
  }
  counted_ += name.size() + value.size() + 4;  // as HTTP/1.1 writes it
  if (counted_ > limits_.fields_bytes) {
    is_refused_ = !refuse(431, "the header fields are longer than the limit");
  } else if (name == ":method") {
    head_.method = parse_method(value);
  } else if (name == ":authority") {
    authority_ = keep(value);
    has_authority_ = true;
  } else if (!name.starts_with(':')) {
    const RequestHead::Piece kept_name = keep(name), kept_value = keep(value);
    is_refused_ = !add_field(bytes_.data(), kept_name, kept_value);
  }
}

void Http2Head::overflow() {
  ++seen_;
  if (!is_refused_) is_refused_ = !refuse(431, "the requests of this connection have more header bytes than the limit");
}

// The authority is what HTTP/1.1 calls the Host: one of them must be there, and none be empty (RFC 9113, 8.3.1).
bool Http2Head::take_authority() {
  if (!has_authority_)
    return head_.has(KnownField::Host) || refuse(400, "both :authority and the Host field are missing");
  if (authority_.size == 0) return refuse(400, ":authority is empty");
  const std::string_view authority = authority_.in(bytes_.data());
  if (head_.has(KnownField::Host)) {
    return head_.value(KnownField::Host, bytes_.data()) == authority ||
           refuse(400, "the Host field is not the one of :authority");
  }
  const RequestHead::Piece name = keep("host");
  return add_field(bytes_.data(), name, authority_);
}

bool Http2Head::finish() {
  if (bytes_.capacity() > 2 * kKept) bytes_.shrink_to_fit();  // it grew by doubling, and may stay for long
  if (is_refused_ || !take_authority()) return false;
  if (path_.in(bytes_.data()) == "*" && head_.method == Method::Options) {
    head_.path = path_;
    return true;
  }
  if (path_.size == 0) return refuse(400, "the request has no path");
  const std::string_view path = path_.in(bytes_.data());
  if (path == plain_path_) {  // as most streams' that come to be reused
    head_.path = path_;
    return true;
  }
  if (!take_path(bytes_.data(), path_.at, path_.at + path_.size)) return false;
  const bool is_plain = !head_.target_has_escapes && head_.path.size == path.size();
  if (is_plain && path.size() <= kKeptPath) plain_path_ = path;
  return true;
}

}  // namespace slipway::net
