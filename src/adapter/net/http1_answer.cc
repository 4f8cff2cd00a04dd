// Http1Connection, the answer: written in place behind its head, whose length field is filled in at the end.
#include <array>
#include <charconv>
#include <cstring>

#include "adapter/net/error_reply.h"
#include "adapter/net/http1_connection.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr std::size_t kLengthDigits = 11;  // spaces before the number are optional whitespace

bool has_no_content(int status) {
  return status == 204 || status == 304;
}

}  // namespace

std::string& Http1Connection::open(int status, std::string_view content_type) {
  begin_answer(status, content_type);
  station_.ensure_output(out_);
  answer_at_ = out_.size();
  append_head(status, content_type);
  is_chunked_ = is_draining_ = false;
  return out_;
}

void Http1Connection::append_head(int status, std::string_view content_type) {
  out_ += station_.head_start.at(status, content_type, station_.date, station_.now, station_.shared.parts.clock);
  out_ += request_id();
  if (station_.is_draining) keeps_alive_ = false;
  const std::string_view connection = !keeps_alive_                ? "Connection: close\r\n"
                                      : parser_.head().is_http_1_0 ? "Connection: keep-alive\r\n"
                                                                   : "";
  if (!added_headers_.empty() || !connection.empty()) {
    ((out_ += "\r\n") += added_headers_) += connection;
    out_.resize(out_.size() - 2);  // what follows begins with the end of the line
    added_headers_.clear();
  }
  if (has_no_content(status)) {
    length_at_ = 0;
    out_ += "\r\n\r\n";
  } else {
    out_ += kEmptyLengthField;
    length_at_ = out_.size() - 4 - kLengthDigits;
  }
  content_at_ = out_.size();
}

void Http1Connection::finish() {
  invariant(is_open_, "finish() follows open()");
  if (is_chunked_) {
    end_chunks();
    end_answer(chunk_bytes_);
  } else {
    encode_answer();
    if (out_.size() - answer_at_ > kMostOutput && !is_orphan_ && !hold_output()) return give_up_answer();
    end_answer(out_.size() - answer_at_);
  }
  if (status_ < 400) was_answered_well();
  if (is_orphan_) {  // nobody is there to read it
    is_orphan_ = false;
    release_input();
    give_back_output();
    station_.closed.push_back(this);
    return;
  }
  mark_dirty();
  if (!keeps_alive_) {
    closes_after_flush_ = true;
    // When the peer did not ask for the end it may still be sending; a plain close could destroy the answer on its way.
    lingers_ = parser_.head().keeps_alive || unread_body() != 0 || cursor_ != size_ || status_ >= 400;
    phase_ = Phase::Head;
    begin_ = cursor_ = size_;
    return;
  }
  if (unread_body() != 0) {
    phase_ = Phase::Discarding;
    if (!is_processing_) mark_resumed();
    return;
  }
  begin_ = cursor_;
  conclude();
}

// An answer that the budget has no room for: what is large was written already, but need not wait for its peer.
void Http1Connection::give_up_answer() {
  is_open_ = false;
  out_.resize(answer_at_);
  out_.shrink_to_fit();
  out_.reserve(4096);
  note(Trouble::AnswerMemory);
  reply_error(*this, unavailable("the server's memory for answers that were not yet read is in use: try again"));
}

// Ready for the next request.
void Http1Connection::conclude() {
  phase_ = Phase::Head;
  parser_.reset();
  body_complete_ = true;
  idle_since_ = station_.now;
  if (begin_ == size_) {
    release_input();
  } else if (!is_processing_) {
    mark_resumed();
  }
  if ((is_readable_ || has_ended_) && !is_processing_) mark_resumed();
  arm();
}

// Fills in the length, after the content coding if there is one.
void Http1Connection::encode_answer() {
  std::size_t length = out_.size() - content_at_;
  Coding coding = Coding::Identity;
  if (const auto shorter =
          length_at_ == 0 ? std::nullopt : encoded(std::string_view(out_).substr(content_at_), coding)) {
    out_.resize(content_at_ - 2);
    ((out_ += "Vary: Accept-Encoding\r\nContent-Encoding: ") += name_of(coding)) += "\r\n\r\n";
    content_at_ = out_.size();
    out_ += *shorter;
    length = shorter->size();
  }
  if (length_at_ != 0) {
    std::array<char, kLengthDigits> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length);
    invariant(end.ec == std::errc{}, "an answer is shorter than 100 GB");
    const auto count = static_cast<std::size_t>(end.ptr - digits.data());
    std::memcpy(out_.data() + length_at_ + kLengthDigits - count, digits.data(), count);
  }
  if (length_at_ == 0 || parser_.head().method == Method::Head) out_.resize(content_at_);
}

void Http1Connection::take_back_answer() {
  out_.resize(answer_at_);
  if (is_chunked_) keeps_alive_ = false;  // what follows is no chunk, by which the peer knows that something broke
}

void Http1Connection::send_continue() {
  station_.ensure_output(out_);
  out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  mark_dirty();
}

}  // namespace slipway::net
