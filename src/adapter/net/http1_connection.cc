#include "adapter/net/http1_connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace slipway::net {
namespace {

HeadLimits head_limits(const Limits& limits) {
  return {static_cast<std::uint32_t>(limits.uri.count), static_cast<std::uint32_t>(limits.head.count),
          static_cast<std::uint32_t>(limits.header_fields)};
}

}  // namespace

Http1Connection::Http1Connection(Station& station)
    : HttpExchange(station), Connection(station), parser_(head_limits(station.shared.limits)) {
  head_ = &parser_.head();
}

Http1Connection::~Http1Connection() = default;

void Http1Connection::begin(ByteStream& stream, Peer peer) {
  stream_ = &stream;
  peer_ = std::move(peer);
  phase_ = Phase::Head;
  parser_.reset();
  idle_since_ = station_.now;
  agreed_ = Agreed::Nothing;
  is_handshaking_ = stream.is_handshaking();
  has_shaken_ = false;
  station_.counters.accepted.add(1);
  station_.counters.open.add(1);
  arm();
}

void Http1Connection::recycle() {
  stream_ = nullptr;
  forget_peer();
  phase_ = Phase::Idle;
  if (in_.capacity != 0) station_.blocks.give_back(std::move(in_));
  in_ = {};
  head_bytes_ = nullptr;
  begin_ = cursor_ = size_ = 0;
  has_hung_up_ = has_ended_ = has_begun_ = false;
  sent_ = 0;
  is_open_ = false;
  answered_ = true;
  added_headers_.clear();
  closes_after_flush_ = lingers_ = owes_continue_ = false;
  has_partial_head_ = is_starved_ = is_blocked_ = false;
  is_chunked_ = is_draining_ = has_drained_ = false;
}

void Http1Connection::on_ready(bool is_readable, bool is_writable, bool has_hung_up) {
  if (phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  if (is_writable && has_output()) mark_dirty();
  has_hung_up_ |= has_hung_up;
  // There is room again: a flight of the handshake goes on where it was cut, which is read()'s to do.
  const bool continues_handshake = is_writable && is_handshaking_;
  if (!is_readable && !has_hung_up && !continues_handshake) return;
  is_readable_ = true;
  if (needs_handshake()) return has_left_handshake() ? close() : mark_handshaking();  // behind those that wait already
  if (!may_take_turn()) return mark_resumed();
  pump();
}

void Http1Connection::resume() {
  is_resumed_ = false;
  if (phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  tell_drained();
  process();
  if (is_readable_ || has_ended_) pump();
}

bool Http1Connection::wants_input() const {
  switch (phase_) {
    case Phase::Head:
      return !closes_after_flush_ && !has_backlog();
    case Phase::Body:
      return !is_starved_;
    case Phase::Discarding:
    case Phase::Lingering:
      return true;
    case Phase::Idle:
    case Phase::Answering:
    case Phase::Closed:
    case Phase::Leaving:
      return false;
  }
  return false;
}

void Http1Connection::pump() {
  if (needs_handshake()) {
    // The first step may be a signature, and nobody would read it. With the last step a peer may end its side.
    if (has_left_handshake()) return close();
    if (station_.handshake_steps-- <= 0) return mark_handshaking();
    has_shaken_ = true;
  }
  if (phase_ == Phase::Lingering) {
    if (!linger(*stream_)) close();
    return;
  }
  int reads = 0;
  turn_bytes_ = 0;
  while (is_readable_ && !has_ended_ && wants_input() && reads++ < kReadsPerTurn && may_read_on(turn_bytes_)) {
    if (!read_some()) break;
    process();
  }
  end_turn(turn_bytes_);
  if (phase_ == Phase::Closed || phase_ == Phase::Leaving) return;
  if (has_ended_) return after_end_of_input();
  if (is_readable_ && wants_input()) return needs_handshake() ? mark_handshaking() : mark_resumed();
  // An answer is awaited and the peer has ended its side: it may be gone. Answers of this tick still go out.
  if (has_hung_up_ && phase_ == Phase::Answering && !is_with_worker(is_gone())) mark_leaving();
}

// Reads once. False when there is nothing more to process.
bool Http1Connection::read_some() {
  const bool is_plain = phase_ == Phase::Body && !body_in_place_ && cursor_ == size_ && body_reader_->plain_left() != 0;
  MutableByteSpan room;
  if (is_plain) {
    room = body_sink().room(0);
    if (room.empty()) return starve(), false;
    room = room.first(static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), body_reader_->plain_left())));
  } else {
    room = input_room();
  }
  const StreamResult result = stream_->read(room);
  switch (result.outcome) {
    case StreamResult::Outcome::WouldBlock:
      is_readable_ = result.is_cut;
      return false;
    case StreamResult::Outcome::Failed:
      note(Trouble::PeerLeft);
      close();
      return false;
    case StreamResult::Outcome::Ended:
      has_ended_ = true;
      is_readable_ = false;
      return false;
    case StreamResult::Outcome::Progress:
      break;
  }
  // Fewer bytes than asked: the socket is drained, and the next ones raise a new event.
  if (result.count < room.size() && !has_hung_up_ && !result.is_cut) is_readable_ = false;
  if (is_handshaking_) end_handshake();
  station_.counters.bytes_in.add(result.count);
  turn_bytes_ += result.count;
  bytes_in_ += result.count;
  heard_at_ = station_.now;
  if (phase_ == Phase::Body) body_received_ += result.count;
  if (!is_plain) {
    size_ += result.count;
    return true;
  }
  switch (body_reader_->took_plain(result.count, body_sink())) {
    case BodyReader::Outcome::Refused:
      keeps_alive_ = false;
      body_refused(body_reader_->refusal());
      return true;
    case BodyReader::Outcome::Done:
      return body_ended();
    case BodyReader::Outcome::NeedsInput:
    case BodyReader::Outcome::SinkFull:
      return true;
  }
  return true;
}

bool Http1Connection::needs_handshake() const {
  return is_handshaking_ && stream_->is_handshaking();
}

void Http1Connection::end_handshake() {
  is_handshaking_ = false;
  const std::string_view protocol = stream_->protocol();
  agreed_ = protocol == "h2" ? Agreed::Http2 : protocol.empty() ? Agreed::Nothing : Agreed::Http1;
  peer_.certificate_names = stream_->certificate_names();
}

// Where the next bytes go: behind those there are, which move or grow when there is no room.
MutableByteSpan Http1Connection::input_room() {
  if (phase_ == Phase::Head) {
    const std::size_t held = size_ - begin_;
    if (in_.capacity == 0 || size_ == in_.capacity) make_room(held + 1);
  }
  return {reinterpret_cast<std::byte*>(in_.bytes.get()) + size_, in_.capacity - size_};
}

// Afterwards the request begins at the block's front and the block holds at least `at_least` bytes.
void Http1Connection::make_room(std::size_t at_least) {
  const std::size_t held = size_ - begin_;
  if (at_least > in_.capacity) {
    const std::size_t most = HeadParser::most_bytes(head_limits(station_.shared.limits)) + InputBlocks::kSize;
    InputBlocks::Block next =
        station_.blocks.take(at_least <= InputBlocks::kSize ? at_least : std::max(at_least, most));
    if (held != 0) std::memcpy(next.bytes.get(), in_.bytes.get() + begin_, held);
    if (in_.capacity != 0) station_.blocks.give_back(std::move(in_));
    in_ = std::move(next);
  } else if (begin_ != 0) {
    std::memmove(in_.bytes.get(), in_.bytes.get() + begin_, held);
  }
  cursor_ -= std::min(cursor_, begin_);
  begin_ = 0;
  size_ = held;
}

void Http1Connection::release_input() {
  if (in_.capacity != 0) station_.blocks.give_back(std::move(in_));
  in_ = {};
  begin_ = cursor_ = size_ = 0;
  head_bytes_ = nullptr;
}

void Http1Connection::process() {
  if (is_processing_) return;
  is_processing_ = true;
  for (bool goes_on = true; goes_on;) {
    switch (phase_) {
      case Phase::Head:
        goes_on = take_head();
        break;
      case Phase::Body:
        goes_on = take_body();
        break;
      case Phase::Discarding:
        goes_on = discard_body();
        break;
      case Phase::Idle:
      case Phase::Answering:
      case Phase::Lingering:
      case Phase::Closed:
      case Phase::Leaving:
        goes_on = false;
        break;
    }
  }
  is_processing_ = false;
}

bool Http1Connection::take_head() {
  if (begin_ == size_) {
    if (in_.capacity != 0) release_input();
    return false;
  }
  if (closes_after_flush_ || has_backlog()) return false;
  if (agreed_ == Agreed::Http2) return leave_to_http2();
  switch (parser_.feed(request_bytes(), size_ - begin_)) {
    case HeadParser::Outcome::NeedsMore:
      if (!std::exchange(has_partial_head_, true)) {
        head_since_ = station_.now;
        arm();
      }
      return false;
    case HeadParser::Outcome::Refused: {
      if (is_http2()) return leave_to_http2();
      if (!has_begun_ && parser_.is_foreign()) return hang_up();
      const Refusal refusal = parser_.refusal();
      refuse(refusal, refusal.status == 414 || refusal.status == 431 ? Trouble::TooLarge : Trouble::Malformed);
      return false;
    }
    case HeadParser::Outcome::Done:
      has_partial_head_ = false;
      has_begun_ = true;
      return begin_request();
  }
  return false;
}

// The first line of HTTP/2's preface is no request of HTTP/1.1 (RFC 9113, 3.4); the session reads the rest of it.
bool Http1Connection::is_http2() const {
  return !has_begun_ && agreed_ == Agreed::Nothing &&
         std::string_view(request_bytes(), size_ - begin_).starts_with("PRI * HTTP/2.0\r\n");
}

bool Http1Connection::leave_to_http2() {
  phase_ = Phase::Leaving;
  station_.upgraded.push_back(this);
  return false;
}

// The peer speaks neither protocol, or has HTTP/2's preface wrong: an answer of HTTP/1.1 would tell it nothing.
bool Http1Connection::hang_up() {
  note(Trouble::Malformed);
  has_partial_head_ = false;
  closes_after_flush_ = lingers_ = true;
  mark_dirty();
  return false;
}

ByteSpan Http1Connection::first_bytes() const {
  return {reinterpret_cast<const std::byte*>(request_bytes()), size_ - begin_};
}

bool Http1Connection::take_body() {
  if (body_in_place_) return take_in_place_body();
  ByteSpan input(reinterpret_cast<const std::byte*>(in_.bytes.get()) + cursor_, size_ - cursor_);
  const std::size_t before = input.size();
  const BodyReader::Outcome outcome = body_reader_->feed(input, body_sink());
  cursor_ += before - input.size();
  if (cursor_ == size_) cursor_ = size_ = begin_ + parser_.head_size();
  switch (outcome) {
    case BodyReader::Outcome::NeedsInput:
      return false;
    case BodyReader::Outcome::SinkFull:
      starve();
      return false;
    case BodyReader::Outcome::Refused:
      keeps_alive_ = false;
      body_refused(body_reader_->refusal());
      return false;
    case BodyReader::Outcome::Done:
      return body_ended();
  }
  return false;
}

bool Http1Connection::take_in_place_body() {
  const std::size_t start = begin_ + parser_.head_size();
  const auto length = static_cast<std::size_t>(*parser_.head().content_length);
  if (size_ - start < length) return false;
  body_ = {reinterpret_cast<const std::byte*>(in_.bytes.get()) + start, length};
  cursor_ = start + length;
  return body_ended();
}

// The rest of a body that nobody wants: read so that the next request can follow.
bool Http1Connection::discard_body() {
  const std::uint64_t left = unread_body();
  const std::size_t here = static_cast<std::size_t>(std::min<std::uint64_t>(left, size_ - cursor_));
  cursor_ += here;
  discarded_ += here;
  if (here < left) {
    cursor_ = size_ = begin_ = 0;
    return false;
  }
  begin_ = cursor_;
  conclude();
  return true;
}

}  // namespace slipway::net
