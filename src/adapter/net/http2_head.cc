#include "adapter/net/http2_head.h"

#include <array>
#include <cstring>

namespace slipway::net {
namespace {

constexpr std::size_t kKept = 4 << 10;  // of a head's memory, for the next
constexpr std::size_t kKeptPath = 256;
constexpr std::size_t kMostSaid = 768;  // bytes of a head that is remembered
// Where heads always differ, few are remembered.
constexpr unsigned kMostChanges = 4, kBetweenTries = 32;

using Sizes = std::array<std::uint32_t, 2>;

Sizes sizes_of(std::string_view name, std::string_view value) {
  return {static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size())};
}

}  // namespace

void Http2Head::reset() {
  seen_ = said_at_ = 0;
  is_compared_ = is_remembered_;
  if (!is_compared_) begin();
}

void Http2Head::begin() {
  if (bytes_.capacity() > kKept) std::string().swap(bytes_);
  bytes_.clear();
  path_ = authority_ = {};
  has_authority_ = is_refused_ = is_compared_ = is_remembered_ = false;
  counted_ = 0;
  said_.resize(said_at_);
  may_remember_ = changes_ < kMostChanges || changes_ % kBetweenTries == 0;
  reset_head();
}

void Http2Head::release() {
  std::string().swap(bytes_);
  std::string().swap(said_);
  is_remembered_ = false;
  reset();
}

bool Http2Head::is_next(std::string_view name, std::string_view value) {
  const Sizes sizes = sizes_of(name, value);
  const std::size_t size = sizeof sizes + name.size() + value.size();
  if (said_.size() - said_at_ < size) return false;
  const char* at = said_.data() + said_at_;
  if (std::memcmp(at, sizes.data(), sizeof sizes) != 0) return false;
  if (std::memcmp(at + sizeof sizes, name.data(), name.size()) != 0) return false;
  if (std::memcmp(at + sizeof sizes + name.size(), value.data(), value.size()) != 0) return false;
  said_at_ += size;
  return true;
}

// It is another head: what was only compared is read now.
void Http2Head::go_back() {
  ++changes_;
  begin();
  for (std::size_t at = 0; at < said_.size();) {
    Sizes sizes;
    std::memcpy(sizes.data(), said_.data() + at, sizeof sizes);
    const std::string_view texts = std::string_view(said_).substr(at + sizeof sizes, sizes[0] + sizes[1]);
    read(texts.substr(0, sizes[0]), texts.substr(sizes[0]));
    at += sizeof sizes + texts.size();
  }
}

void Http2Head::remember(std::string_view name, std::string_view value) {
  const Sizes sizes = sizes_of(name, value);
  may_remember_ = said_.size() + sizeof sizes + name.size() + value.size() <= kMostSaid;
  if (!may_remember_) return;
  said_.append(reinterpret_cast<const char*>(sizes.data()), sizeof sizes).append(name).append(value);
}

RequestHead::Piece Http2Head::keep(std::string_view text) {
  const RequestHead::Piece piece{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())};
  bytes_ += text;
  return piece;
}

void Http2Head::take(std::string_view name, std::string_view value) {
  ++seen_;
  if (is_compared_) {
    if (is_next(name, value)) return;
    go_back();
  }
  if (may_remember_) remember(name, value);
  read(name, value);
}

void Http2Head::read(std::string_view name, std::string_view value) {
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
  if (is_compared_) go_back();
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
  if (is_compared_ && said_at_ == said_.size()) {
    is_compared_ = false;
    changes_ = 0;
    return true;
  }
  if (is_compared_) go_back();
  const bool is_good = conclude();
  if (!may_remember_) ++changes_;
  is_remembered_ = is_good && may_remember_;
  return is_good;
}

bool Http2Head::conclude() {
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
