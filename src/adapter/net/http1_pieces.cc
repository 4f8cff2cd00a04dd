// Http1Connection, an answer in pieces: chunks (RFC 9112, 7.1), each written behind room for its size; or, where the
// length was known before, the content as it is.
#include <charconv>
#include <cstring>

#include "adapter/net/http1_connection.h"

namespace slipway::net {
namespace {

constexpr std::string_view kChunkSize = "00000000\r\n";  // zeros before the number are allowed
constexpr std::size_t kSizeDigits = 8;

}  // namespace

void Http1Connection::send() {
  if ((parser_.head().is_http_1_0 && !whole_length_) || is_orphan_) return;  // 1.0 knows no chunks: finish() sends it
  if (!is_chunked_) begin_chunks();
  if (status_ < 400) was_answered_well();
  end_chunk();
  begin_chunk();
  mark_dirty();
  is_draining_ |= unsent() >= kStreamAhead;
}

// What was sent goes out; then the connection ends, before the last chunk or the promised length.
void Http1Connection::break_off() {
  out_.resize(answer_at_);
  end_answer(chunk_bytes_);
  mark_dirty();
  keeps_alive_ = lingers_ = false;
  closes_after_flush_ = true;
  phase_ = Phase::Head;
  begin_ = cursor_ = size_;
}

void Http1Connection::wake_at(TimePoint at) {
  wake_at_ = at;
  arm();
}

// The head was written for an answer of one piece, and what was written behind it becomes the first chunk.
void Http1Connection::begin_chunks() {
  const std::string content = out_.substr(content_at_);
  out_.resize(content_at_ - kEmptyLengthField.size() + 2);  // the end of the line before it stays
  if (whole_length_) {
    ((out_ += "Content-Length: ") += std::to_string(*whole_length_)) += "\r\n\r\n";
  } else {
    out_ += "Transfer-Encoding: chunked\r\n\r\n";
  }
  chunk_bytes_ = out_.size() - answer_at_;
  answer_at_ = out_.size();
  length_at_ = 0;
  is_chunked_ = true;
  begin_chunk();
  out_ += content;
}

void Http1Connection::begin_chunk() {
  if (answer_at_ != out_.size()) return;  // the room of an empty one
  if (!whole_length_) out_ += kChunkSize;
  content_at_ = out_.size();
}

void Http1Connection::end_chunk() {
  const std::size_t size = out_.size() - content_at_;
  if (size == 0) return;
  if (whole_length_) {
    chunk_bytes_ += size;
    answer_at_ = out_.size();
    return;
  }
  std::array<char, kSizeDigits> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16);
  const auto count = static_cast<std::size_t>(end.ptr - digits.data());
  std::memcpy(out_.data() + content_at_ - 2 - count, digits.data(), count);
  out_ += "\r\n";
  chunk_bytes_ += out_.size() - answer_at_;
  answer_at_ = out_.size();
}

void Http1Connection::end_chunks() {
  end_chunk();
  out_.resize(answer_at_);
  if (!whole_length_) {
    out_ += "0\r\n\r\n";
    chunk_bytes_ += 5;
  }
  if (station_.is_draining) keeps_alive_ = false;  // the head went out before that was known
}

// A long answer keeps only what is still to be sent.
void Http1Connection::forget_sent() {
  if (!is_open_ || !is_chunked_ || (sent_ != answer_at_ && sent_ < kMostOutput)) return;
  out_.erase(0, sent_);
  answer_at_ -= sent_;
  content_at_ -= sent_;
  sent_ = 0;
  if (!is_draining_ || unsent() >= kStreamAhead) return;
  has_drained_ = true;  // its handler hears of it in the next turn
  mark_resumed();
}

void Http1Connection::tell_drained() {
  if (!std::exchange(has_drained_, false) || unsent() >= kStreamAhead) return;
  is_draining_ = false;
  if (listener_ != nullptr) listener_->output_drained();
}

}  // namespace slipway::net
