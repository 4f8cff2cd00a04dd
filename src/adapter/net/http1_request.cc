// Http1Connection, from a complete head to the handler, and what becomes of the body.
#include <algorithm>
#include <limits>
#include <utility>

#include "adapter/net/http1_connection.h"

namespace slipway::net {
namespace {

constexpr std::size_t kDecodeRoom = 4 << 10;  // input space kept behind a head whose body is decoded

ChunkLimits chunk_limits(const Limits& limits) {
  return {.chunks = limits.chunks, .trailer_fields = limits.header_fields};
}

}  // namespace

// True: go on with what is in the buffer, in whatever phase the connection is now.
bool Http1Connection::begin_request() {
  const RequestHead& head = parser_.head();
  cursor_ = begin_ + parser_.head_size();
  const bool has_body = head.is_chunked || head.content_length.value_or(0) != 0;
  if (has_body && !(head.content_length && *head.content_length <= size_ - cursor_)) {
    // From here on the head must stay where it is: room for what follows is made now.
    const std::size_t wanted = parser_.head_size() + kDecodeRoom;
    if (begin_ != 0 || in_.capacity < wanted) make_room(wanted);
    cursor_ = begin_ + parser_.head_size();
  }
  head_bytes_ = request_bytes();
  discarded_ = 0;
  body_complete_ = !has_body;
  owes_continue_ = has_body && head.expects_continue;
  keeps_alive_ = head.keeps_alive && !station_.is_draining;
  body_since_ = heard_at_ = station_.now;
  body_pace_.begin(station_.now);
  body_received_ = size_ - cursor_;
  starved_for_ = Duration{0};
  begin_exchange();
  Coding coding = Coding::Identity;
  if (!admit(peer_, coding)) return true;
  begin_body(coding);
  return true;
}

void Http1Connection::begin_body(Coding coding) {
  const RequestHead& head = parser_.head();
  const bool streams = match_.route->streams_body();
  const std::uint64_t most = body_limit(coding);
  if (!streams && !body_complete_) inflate_later(std::exchange(coding, Coding::Identity));
  const bool is_plain = coding == Coding::Identity && head.content_length.has_value();
  body_in_place_ = is_plain && !match_.route->is_blocking() && *head.content_length <= in_.capacity - cursor_;
  if (streams && !start_blocking(is_plain ? static_cast<std::size_t>(*head.content_length) : 0)) return;
  if (body_complete_) {
    body_ended();
    return;
  }
  phase_ = Phase::Body;
  if (!body_in_place_) {
    body_reader_.emplace(head, coding, most, chunk_limits(station_.shared.limits));
    if (!streams) {
      body_buffer_.begin(is_plain ? static_cast<std::size_t>(*head.content_length) : 0, static_cast<std::size_t>(most));
    }
  }
  if (!streams) {  // a route that streams asks for its body once it wants it
    if (owes_continue_ && size_ == cursor_) send_continue();
    owes_continue_ = false;
  }
  arm();
}

// The whole body is there. True: go on.
bool Http1Connection::body_ended() {
  phase_ = Phase::Answering;
  if (blocking_) {
    body_complete_ = true;
    blocking_->pipe().finish();
    return true;
  }
  if (!std::exchange(body_complete_, true)) {
    if (!body_in_place_) body_ = body_buffer_.padded();
    received_at_ = station_.now;
  }
  call_handler();
  return true;
}

// A request that cannot be read to its end. Nothing after it can be trusted.
void Http1Connection::refuse(const Refusal& refusal, Trouble trouble) {
  keeps_alive_ = false;
  body_complete_ = true;
  cursor_ = size_;
  has_partial_head_ = false;
  head_bytes_ = in_.capacity == 0 ? nullptr : request_bytes();
  peer_of_exchange_ = &peer_;
  head_refused(refusal, trouble);
}

// A peer that waits for '100 Continue' may or may not send its body: the connection ends.
void Http1Connection::before_answer() {
  if (owes_continue_ || unread_body() > kWorthReading) keeps_alive_ = false;
  is_starved_ = false;
  phase_ = Phase::Answering;
}

std::uint64_t Http1Connection::unread_body() const {
  if (body_complete_) return 0;
  const RequestHead& head = parser_.head();
  if (head.is_chunked) return std::numeric_limits<std::uint64_t>::max();
  return head.content_length.value_or(0) - (body_reader_ ? body_reader_->raw_bytes() : 0) - discarded_;
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
