// Http1Connection, the answer: written in place behind its head, whose length field is filled in at the end.
#include <array>
#include <charconv>
#include <cstring>

#include "adapter/net/content_coding.h"
#include "adapter/net/http1_connection.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr std::string_view kLengthField = "Content-Length:            \r\n\r\n";
constexpr std::size_t kLengthDigits = 11;            // spaces before the number are optional whitespace
constexpr std::size_t kWorthEncoding = 2 << 10;      // smaller bodies do not shrink enough to pay
constexpr std::size_t kMostEncodedInline = 1 << 20;  // longer ones would hold up the loop

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

bool is_textual(std::string_view content_type) {
  return content_type.starts_with("application/json") || content_type.starts_with("text/") ||
         content_type.starts_with("application/yaml") || content_type.starts_with("application/openmetrics");
}

// What must not reach a header field.
void append_clean(std::string& out, std::string_view text) {
  for (const char c : text) out += static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F ? ' ' : c;
}

}  // namespace

void Http1Connection::add_header(std::string_view name, std::string_view value) {
  append_clean(added_headers_, name);
  added_headers_ += ": ";
  append_clean(added_headers_, value);
  added_headers_ += "\r\n";
}

std::string& Http1Connection::open(int status, std::string_view content_type) {
  invariant(!answered_ && !is_open_, "a request is answered once");
  if (out_.capacity() < 64) out_ = station_.take_output();
  is_open_ = true;
  status_ = status;
  answer_at_ = out_.size();
  append_head(status, content_type);
  is_textual_ = is_textual(content_type);
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
    out_ += kLengthField;
    length_at_ = out_.size() - 4 - kLengthDigits;
  }
  content_at_ = out_.size();
}

void Http1Connection::finish() {
  invariant(is_open_, "finish() follows open()");
  encode_answer();
  is_open_ = false;
  answered_ = true;
  watcher_ = nullptr;
  const auto status_class = static_cast<std::size_t>(status_ / 100);
  if (status_class < station_.counters.answers.size()) station_.counters.answers[status_class].add(1);
  if (station_.shared.parts.access_log) record_access();
  answer_bytes_in_ = 0;
  decoded_values_.clear();
  body_buffer_.clear();
  body_ = {};
  if (is_orphan_) {  // nobody is there to read it
    is_orphan_ = false;
    release_input();
    out_.clear();
    sent_ = 0;
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
  const std::string_view accepts =
      in_.capacity == 0 ? std::string_view{} : parser_.head().value(KnownField::AcceptEncoding, request_bytes());
  std::size_t length = out_.size() - content_at_;
  if (!accepts.empty() && is_textual_ && length >= kWorthEncoding && length <= kMostEncodedInline && length_at_ != 0) {
    const Coding coding = choose_coding(accepts);
    const auto encoded =
        coding == Coding::Identity ? std::nullopt : deflate_all(coding, std::string_view(out_).substr(content_at_));
    if (encoded) {
      out_.resize(content_at_ - 2);
      ((out_ += "Vary: Accept-Encoding\r\nContent-Encoding: ") += name_of(coding)) += "\r\n\r\n";
      content_at_ = out_.size();
      out_ += *encoded;
      length = encoded->size();
    }
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

void Http1Connection::record_access() {
  station_.shared.parts.access_log({.method = parser_.head().method,
                                    .path = in_.capacity == 0 ? std::string_view{} : path(),
                                    .status = status_,
                                    .took = station_.shared.parts.clock.now() - received_at_,
                                    .bytes_in = answer_bytes_in_,
                                    .bytes_out = out_.size() - answer_at_,
                                    .principal = principal_.name,
                                    .request_id = request_id(),
                                    .peer = peer_.name});
}

void Http1Connection::send_continue() {
  if (out_.capacity() < 64) out_ = station_.take_output();
  out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  mark_dirty();
}

void Http1Connection::take_reply(BlockingExchange& from, Reply reply) {
  if (blocking_.get() != &from || answered_) return;
  blocking_->detach({ErrorCode::Cancelled, "answered"});
  const auto exchange = std::exchange(blocking_, nullptr);
  if (owes_continue_ || unread_body() > (64U << 10)) keeps_alive_ = false;
  is_starved_ = false;
  phase_ = Phase::Answering;
  for (const auto& [name, value] : reply.headers) add_header(name, value);
  this->reply(reply.status, reply.content_type, reply.body);
}

void Http1Connection::body_wanted(BlockingExchange& from) {
  if (blocking_.get() != &from || phase_ != Phase::Body) return;
  if (owes_continue_) {
    owes_continue_ = false;
    if (size_ == cursor_ && body_received_ == 0) send_continue();
  }
  feed_again();
}

}  // namespace slipway::net
