// Http2Stream, streaming routes: the body as it comes, the answer as it is made.
#include <algorithm>

#include "adapter/net/error_reply.h"
#include "adapter/net/http2_connection.h"
#include "adapter/net/http2_stream.h"

namespace slipway::net {

void Http2Stream::begin_streaming(Coding coding) {
  if (coding != Coding::Identity) {
    return answer_early(invalid_input("this route takes no Content-Encoding"), 415, Trouble::Encoding);
  }
  if (std::exchange(owes_continue_, false)) connection_->say_continue(*this);
  if (!input_ended_) {
    body_buffer_.begin(std::min<std::size_t>(head_->content_length.value_or(0), kStreamAhead),
                       match_.route->body_limit.count + kFirstWindow);
  }
  phase_ = Phase::Streaming;
  call_handler();
}

void Http2Stream::stream_data(ByteSpan bytes) {
  if (body_buffer_.size() != body_.size()) body_buffer_.drop_front(body_buffer_.size() - body_.size());
  while (!bytes.empty()) {
    const MutableByteSpan room = body_buffer_.room(bytes.size());
    if (room.empty()) {
      return cut(unavailable("the server's memory for request bodies is in use: try again"), 503, Trouble::NoMemory);
    }
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    body_buffer_.commit(count);
    bytes = bytes.subspan(count);
  }
  body_ = body_buffer_.padded();
  open_window();
  if (listener_ != nullptr) listener_->body_grew();
}

void Http2Stream::drop_body(std::size_t count) {
  body_ = body_.subspan(count);
  taken_ += count;
  wanted_ = 0;
  open_window();
}

void Http2Stream::want_body(std::size_t count) {
  wanted_ = std::min<std::uint64_t>(count, match_.route->body_limit.count);
  open_window();
}

// The peer may send up to what the handler wants, or the first window, ahead of what was taken.
void Http2Stream::open_window() {
  const std::uint64_t ahead = wanted_ > kFirstWindow ? wanted_ - kFirstWindow : 0;
  const std::uint64_t due = std::min(taken_ + ahead, body_received_);
  if (connection_ == nullptr || due <= opened_) return;
  connection_->consumed(*this, static_cast<std::size_t>(due - opened_));
  opened_ = due;
}

// The body cannot be read on.
void Http2Stream::cut(const Error& error, int status, Trouble trouble) {
  Abandonment* watcher = std::exchange(watcher_, nullptr);
  listener_ = nullptr;
  if (watcher != nullptr) watcher->abandoned();
  if (!has_head_gone_) {
    if (std::exchange(is_open_, false)) take_back_answer();
    added_headers_.clear();
    return answer_early(error, status, trouble);
  }
  note(trouble);
  is_open_ = false;
  end_answer(sent_);
  connection_->reset(*this, Http2Code::EnhanceYourCalm);
}

void Http2Stream::send() {
  if (connection_ == nullptr || is_overdrawn_ || (has_head_gone_ && content_.size() == sendable_)) return;
  if (sent_ == sendable_) moved_at_ = station_.now;
  sendable_ = content_.size();
  if (std::exchange(has_head_gone_, true)) {
    connection_->content_is_ready(*this);
  } else {
    gather_head(whole_length_);
    if (status_ < 400) connection_->was_answered_well();
  }
  is_draining_ |= unsent() >= kStreamAhead;
  if (hold_content()) return;
  is_overdrawn_ = true;  // the handler, which is at work, hears of it in the next turn
  connection_->stream_drained();
}

void Http2Stream::break_off() {
  is_open_ = false;
  end_answer(sent_before_ + sent_);
  connection_->reset(*this, Http2Code::InternalError);
}

// Counts what is written and not yet sent. False: there is no memory for it.
bool Http2Stream::hold_content() {
  return content_.size() <= held_answer_ || connection_->hold_answer(held_answer_, content_.size());
}

// What was sent of a long stream goes: once all of it was, or when it is much and the larger part.
void Http2Stream::drop_sent() {
  const bool is_all = sent_ == sendable_;
  if (!is_all && (sent_ < kStreamAhead || sent_ < content_.size() / 2)) return;
  content_.erase(0, sent_);
  sent_before_ += sent_;
  sendable_ -= std::exchange(sent_, 0);
  if (content_.empty() && content_.capacity() > kStreamAhead) std::string().swap(content_);
  if (held_answer_ > content_.size()) connection_->hold_answer(held_answer_, content_.size());
}

void Http2Stream::wake_at(TimePoint at) {
  wake_at_ = at;
  if (connection_ != nullptr) connection_->wake_at(at);
}

void Http2Stream::tell_of_stop() {
  if (phase_ == Phase::Streaming && listener_ != nullptr) listener_->server_stops();
}

void Http2Stream::tell_drained() {
  if (is_overdrawn_ && !answered_) {
    return cut(unavailable("the server's memory for answers that were not yet read is in use: try again"), 503,
               Trouble::AnswerMemory);
  }
  if (!is_draining_ || unsent() >= kStreamAhead) return;
  is_draining_ = false;
  if (listener_ != nullptr) listener_->output_drained();
}

}  // namespace slipway::net
