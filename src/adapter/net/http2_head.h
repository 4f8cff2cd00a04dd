// Http2Head: the head of a request from the decoded fields of HTTP/2, under the same rules as HTTP/1.1's.
#pragma once

#include <string>
#include <string_view>

#include "adapter/net/request_head.h"

namespace slipway::net {

// A value with memory of its own, reset() for each request. nghttp2 has checked what RFC 9113 says of the fields' form;
// limits are ours. After the first refusal nothing more is kept. A short head that is the last one again, field by
// field, is only compared: it means what it meant then.
class Http2Head : public HeadRules {
 public:
  explicit Http2Head(HeadLimits limits) : HeadRules(limits) {}
  void reset();
  void release();  // the same, and keeps no memory
  void take(std::string_view name, std::string_view value);
  void overflow();  // as if a field had passed the limit
  bool finish();    // false: refused
  const char* bytes() const { return bytes_.data(); }
  std::size_t size() const { return is_compared_ ? 0 : bytes_.size(); }
  std::size_t fields_seen() const { return seen_; }

 private:
  void begin();
  bool is_next(std::string_view name, std::string_view value);
  void go_back();
  void remember(std::string_view name, std::string_view value);
  void read(std::string_view name, std::string_view value);
  bool conclude();
  RequestHead::Piece keep(std::string_view text);
  bool take_authority();

  std::string bytes_;
  RequestHead::Piece path_, authority_;
  std::string plain_path_;  // the last one that was found good; without escapes and query
  bool has_authority_ = false, is_refused_ = false;
  std::size_t seen_ = 0, counted_ = 0;

  // The last head, if it is remembered: of each field both sizes and both texts.
  std::string said_;
  std::size_t said_at_ = 0;     // what was compared
  bool is_compared_ = false;    // equal so far
  bool may_remember_ = false;   // this one
  bool is_remembered_ = false;  // and it was good
  unsigned changes_ = 0;        // heads in a row that were another
};

}  // namespace slipway::net
