// Http2Stream, the answer: its fields go out with the next flush, its content as the peer's windows allow.
#include <array>
#include <charconv>

#include "adapter/net/characters.h"
#include "adapter/net/error_reply.h"
#include "adapter/net/http2_connection.h"
#include "adapter/net/http2_stream.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr bool has_no_content(int status) {
  return status == 204 || status == 304;
}

std::string_view digits_of(std::array<char, 20>& digits, std::uint64_t value) {
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), static_cast<std::size_t>(end.ptr - digits.data())};
}

// Names of HTTP/2 fields are in lower case. The text's lines are "Name: value\r\n".
void append_fields(std::string& text, std::vector<Http2Field>& fields) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t colon = text.find(':', at), end = text.find("\r\n", at);
    if (colon == std::string::npos || end == std::string::npos || colon > end) return;
    for (std::size_t i = at; i < colon; ++i) {
      const char lower = kTokenLower[static_cast<std::uint8_t>(text[i])];
      text[i] = lower != 0 ? lower : '_';
    }
    const std::string_view view(text);
    fields.push_back({view.substr(at, colon - at), trimmed(view.substr(colon + 1, end - colon - 1))});
    at = end + 2;
  }
}

}  // namespace

std::string& Http2Stream::open(int status, std::string_view content_type) {
  begin_answer(status, content_type);
  station_.ensure_output(content_);
  if (content_type_ != content_type) {
    content_type_.clear();
    append_clean(content_type_, content_type);
  }
  return content_;
}

void Http2Stream::take_back_answer() {
  content_.clear();
  trailer_text_.clear();
}

void Http2Stream::add_trailer(std::string_view name, std::string_view value) {
  append_clean(trailer_text_, name);
  trailer_text_ += ": ";
  append_clean(trailer_text_, value);
  trailer_text_ += "\r\n";
}

void Http2Stream::finish() {
  invariant(is_open_, "finish() follows open()");
  is_finished_ = true;
  append_fields(trailer_text_, trailers_);
  if (has_head_gone_) return finish_pieces();
  coding_ = Coding::Identity;
  if (auto shorter = encoded(content_, coding_)) {
    content_ = std::move(*shorter);
  } else {
    coding_ = Coding::Identity;
  }
  const std::size_t length = content_.size();
  if (method() == Method::Head || has_no_content(status_)) content_.clear();
  sendable_ = content_.size();
  const bool has_to_wait = connection_ != nullptr && sendable_ > connection_->open_window();
  if (connection_ != nullptr && !connection_->hold_answer(held_answer_, sendable_)) return give_up_answer();
  end_answer(content_.size());
  if (connection_ == nullptr) return to_pool();  // nobody is there to read it
  if (status_ < 400) connection_->was_answered_well();
  phase_ = Phase::Answered;
  moved_at_ = station_.now;
  has_head_gone_ = true;
  gather_head(length);
  if (has_to_wait) slim_down();
}

// An answer that waits for its peer keeps no more than itself.
void Http2Stream::slim_down() {
  constexpr std::size_t kWorthMoving = 64 << 10;
  if (content_.size() < kWorthMoving && content_.capacity() > content_.size()) {
    std::string exact(content_);
    content_.swap(exact);
    station_.give_back_output(exact);
  }
  connection_->head_dropped(fields_.size());
  head_bytes_ = nullptr;
  fields_.release();
  body_buffer_.release();
}

// What is large was written already, but need not wait for its peer.
void Http2Stream::give_up_answer() {
  is_open_ = is_finished_ = false;
  sendable_ = 0;
  std::string().swap(content_);
  trailers_.clear();
  trailer_text_.clear();
  added_headers_.clear();  // of the answer that is lost
  note(Trouble::AnswerMemory);
  reply_error(*this, unavailable("the server's memory for answers that were not yet read is in use: try again"));
}

// The head and perhaps more has gone out: what is left follows it.
void Http2Stream::finish_pieces() {
  end_answer(sent_before_ + content_.size());
  if (connection_ == nullptr) return to_pool();
  phase_ = Phase::Answered;
  if (sent_ == sendable_) moved_at_ = station_.now;
  sendable_ = content_.size();
  if (is_overdrawn_ || !hold_content()) {
    note(Trouble::AnswerMemory);
    return connection_->reset(*this, Http2Code::EnhanceYourCalm);
  }
  connection_->content_is_ready(*this);
}

// Hands the head to the session, which keeps a copy.
void Http2Stream::gather_head(std::optional<std::size_t> length) {
  std::vector<Http2Field>& fields = station_.fields;
  fields.clear();
  std::array<char, 20> status_digits, length_digits;
  const auto add = [&](std::string_view name, std::string_view value, bool changes = false) {
    fields.push_back({name, value, changes, true});
  };
  add(":status", digits_of(status_digits, static_cast<std::uint64_t>(status_)));
  add("date", station_.date.at(station_.now, station_.shared.parts.clock));
  if (!content_type_.empty()) add("content-type", content_type_);
  add("x-request-id", request_id(), true);
  append_fields(added_headers_, fields);
  if (coding_ != Coding::Identity) {
    add("vary", "accept-encoding");
    add("content-encoding", name_of(coding_));
  }
  if (!has_no_content(status_) && trailers_.empty() && length) {
    add("content-length", digits_of(length_digits, *length), true);
  }
  connection_->answer(*this, fields, !is_finished_ || !content_.empty() || !trailers_.empty());
  added_headers_.clear();
}

Http2Events::Ready Http2Stream::ready() {
  return {sendable_ - sent_, is_finished_, trailers_};
}

void Http2Stream::append_content(std::size_t size, std::string& out) {
  out.append(content_, sent_, size);
  sent_ += size;
  moved_at_ = station_.now;
  if (is_finished_) return;
  drop_sent();
  if (is_draining_ && unsent() < kStreamAhead) connection_->stream_drained();
}

}  // namespace slipway::net
