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

std::string_view status_line(int status) {
  switch (status) {
    case 200:
      return "HTTP/1.1 200 OK\r\n";
    case 201:
      return "HTTP/1.1 201 Created\r\n";
    case 202:
      return "HTTP/1.1 202 Accepted\r\n";
    case 204:
      return "HTTP/1.1 204 No Content\r\n";
    case 304:
      return "HTTP/1.1 304 Not Modified\r\n";
    case 400:
      return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
      return "HTTP/1.1 403 Forbidden\r\n";
    case 404:
      return "HTTP/1.1 404 Not Found\r\n";
    case 405:
      return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 408:
      return "HTTP/1.1 408 Request Timeout\r\n";
    case 409:
      return "HTTP/1.1 409 Conflict\r\n";
    case 413:
      return "HTTP/1.1 413 Content Too Large\r\n";
    case 414:
      return "HTTP/1.1 414 URI Too Long\r\n";
    case 415:
      return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case 417:
      return "HTTP/1.1 417 Expectation Failed\r\n";
    case 422:
      return "HTTP/1.1 422 Unprocessable Content\r\n";
    case 429:
      return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431:
      return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 499:
      return "HTTP/1.1 499 Client Closed Request\r\n";
    case 500:
      return "HTTP/1.1 500 Internal Server Error\r\n";
    case 501:
      return "HTTP/1.1 501 Not Implemented\r\n";
    case 503:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    case 504:
      return "HTTP/1.1 504 Gateway Timeout\r\n";
    case 505:
      return "HTTP/1.1 505 HTTP Version Not Supported\r\n";
    case 507:
      return "HTTP/1.1 507 Insufficient Storage\r\n";
    default:
      return {};
  }
}

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
  const std::string_view line = status_line(status);
  if (line.empty()) {
    ((out_ += "HTTP/1.1 ") += std::to_string(status)) += " Status\r\n";
  } else {
    out_ += line;
  }
  out_ += "Date: ";
  out_ += station_.date.at(station_.now, station_.shared.parts.clock);
  if (!content_type.empty()) {
    out_ += "\r\nContent-Type: ";
    append_clean(out_, content_type);
  }
  out_ += "\r\nX-Request-Id: ";
  out_ += request_id();
  out_ += "\r\n";
  if (!added_headers_.empty()) {
    out_ += added_headers_;
    added_headers_.clear();
  }
  if (station_.is_draining) keeps_alive_ = false;
  if (!keeps_alive_) {
    out_ += "Connection: close\r\n";
  } else if (parser_.head().is_http_1_0) {
    out_ += "Connection: keep-alive\r\n";
  }
  if (has_no_content(status)) {
    length_at_ = 0;
    out_ += "\r\n";
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
