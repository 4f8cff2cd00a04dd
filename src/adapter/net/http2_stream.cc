#include "adapter/net/http2_stream.h"

#include <algorithm>
#include <utility>

#include "adapter/net/error_reply.h"
#include "adapter/net/grpc_frames.h"
#include "adapter/net/http2_connection.h"

namespace slipway::net {
namespace {

constexpr std::size_t kKeptBody = 4 << 10;  // of a stream in the pool

HeadLimits head_limits(const Limits& limits) {
  return {static_cast<std::uint32_t>(limits.uri.count), static_cast<std::uint32_t>(limits.head.count),
          static_cast<std::uint32_t>(limits.header_fields)};
}

}  // namespace

Http2Stream& Http2Streams::take() {
  if (free_.empty()) {
    free_.push_back(all_.emplace_back(std::make_unique<Http2Stream>(station_)).get());
    free_.back()->seat = all_.size() - 1;
  }
  Http2Stream& stream = *free_.back();
  free_.pop_back();
  count_.taken(free_.size());
  return stream;
}

void Http2Streams::trim() {
  if (free_.size() > kKept) drop(free_.size() - kKept);
}

std::size_t Http2Streams::drop_unused() {
  const std::size_t count = count_.unused(free_.size(), kFew);
  drop(count);
  return count * sizeof(Http2Stream);
}

// The coldest lie in front.
void Http2Streams::drop(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t seat = free_[i]->seat;
    std::swap(all_[seat], all_.back());
    all_[seat]->seat = seat;
    all_.pop_back();
  }
  free_.erase(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(count));
}

Http2Stream::Http2Stream(Station& station)
    : HttpExchange(station, kKeptBody), fields_(head_limits(station.shared.limits)) {
  head_ = &fields_.head();
}

void Http2Stream::begin(Http2Connection& connection, std::int32_t id) {
  connection_ = &connection;
  id_ = id;
  phase_ = Phase::Head;
  fields_.reset();
  head_bytes_ = nullptr;
  input_ended_ = is_starved_ = owes_continue_ = false;
  starved_for_ = Duration{0};
  body_received_ = 0;
  bytes_in_ = 0;
  sent_ = sendable_ = 0;
  sent_before_ = 0;
  taken_ = wanted_ = opened_ = 0;
  has_head_gone_ = is_finished_ = is_draining_ = is_overdrawn_ = false;
  body_since_ = moved_at_ = heard_at_ = station_.now;
  body_pace_.begin(station_.now);
  answer_pace_.begin(station_.now);
}

void Http2Stream::head_ended(Peer& peer, bool has_body) {
  input_ended_ = !has_body;
  body_since_ = heard_at_ = station_.now;
  const std::size_t before = fields_.size();
  const bool is_good = fields_.finish();
  bytes_in_ = fields_.size();
  connection_->head_grew(fields_.size() - before);  // the authority became a field
  head_bytes_ = fields_.bytes();
  if (!is_good) {
    const Refusal refusal = fields_.refusal();
    peer_of_exchange_ = &peer;
    head_refused(refusal, refusal.status == 414 || refusal.status == 431 ? Trouble::TooLarge : Trouble::Malformed);
    return;
  }
  owes_continue_ = has_body && head_->expects_continue;
  begin_exchange();
  Coding coding = Coding::Identity;
  if (admit(peer, coding)) begin_body(coding);
}

void Http2Stream::begin_body(Coding coding) {
  if (match_.route->is_streaming()) return begin_streaming(coding);
  const bool streams = match_.route->streams_body();
  const std::uint64_t most = body_limit(coding);
  if (!streams && !input_ended_) inflate_later(std::exchange(coding, Coding::Identity));
  const bool is_plain = coding == Coding::Identity && head_->content_length.has_value();
  const std::size_t expected = is_plain ? static_cast<std::size_t>(*head_->content_length) : 0;
  if (streams && !start_blocking(expected)) return;
  if (input_ended_) return body_ended();
  phase_ = Phase::Body;
  body_reader_.emplace(coding, most);
  if (!streams) body_buffer_.begin(expected, static_cast<std::size_t>(most));
  if (!streams && std::exchange(owes_continue_, false)) connection_->say_continue(*this);
}

// Bytes of the body. Those of an answered request are of no interest.
void Http2Stream::take_data(ByteSpan bytes) {
  body_received_ += bytes.size();
  bytes_in_ += bytes.size();
  heard_at_ = station_.now;
  if (phase_ == Phase::Streaming && !answered_) return stream_data(bytes);
  if (phase_ != Phase::Body) return connection_->consumed(*this, bytes.size());
  if (body_received_ == bytes.size()) expect_message(bytes);
  const std::size_t size = bytes.size();
  if (waiting_at_ == waiting_.size() && feed(bytes)) return;
  if (phase_ != Phase::Body) return;
  connection_->consumed(*this, size - bytes.size());
  store(bytes);
}

// A call of gRPC has no Content-Length, but its message begins with its own.
void Http2Stream::expect_message(ByteSpan first) {
  if (first.size() < kGrpcPrefix || head_->content_length || blocking_) return;
  std::size_t length = kGrpcPrefix;
  for (std::size_t i = 1; i < kGrpcPrefix; ++i) length += std::to_integer<std::size_t>(first[i]) << (8 * (4 - i));
  if (length <= kKeptBody || length < first.size()) return;
  if (header("content-type").starts_with("application/grpc")) body_buffer_.expect(length);
}

MutableByteSpan Http2Stream::room_in_place() const {
  const bool is_plain = phase_ == Phase::Body && !blocking_ && body_reader_->plain_left() != 0;
  if (!is_plain || is_starved_ || waiting_at_ != waiting_.size()) return {};
  return body_buffer_.spare();
}

// Gives what it can to the sink, off the front of `bytes`. False: the sink is full, or the body was refused.
bool Http2Stream::feed(ByteSpan& bytes) {
  const std::size_t before = bytes.size();
  switch (body_reader_->feed(bytes, body_sink())) {
    case BodyReader::Outcome::NeedsInput:
    case BodyReader::Outcome::Done:
      connection_->consumed(*this, before - bytes.size());
      return true;
    case BodyReader::Outcome::Refused:
      body_refused(body_reader_->refusal());
      return false;
    case BodyReader::Outcome::SinkFull:
      starve();
      return false;
  }
  return false;
}

void Http2Stream::store(ByteSpan bytes) {
  if (bytes.empty()) return;
  if (!connection_->may_wait(bytes.size())) {
    return answer_early(unavailable("the server's memory for request bodies is in use: try again"), 503,
                        Trouble::NoMemory);
  }
  waiting_.append(as_text(bytes));
}

void Http2Stream::starve() {
  if (std::exchange(is_starved_, true)) return;
  starved_since_ = station_.now;
  connection_->stream_waits();
}

// The sink may have room again.
void Http2Stream::feed_again() {
  if (phase_ != Phase::Body || !is_starved_) return;
  const TimePoint since = starved_since_;
  is_starved_ = false;
  heard_at_ = station_.now;
  ByteSpan rest = as_bytes(std::string_view(waiting_).substr(waiting_at_));
  const std::size_t before = rest.size();
  const bool is_through = feed(rest);
  if (phase_ != Phase::Body) return;
  const std::size_t fed = before - rest.size();
  if (!is_through) connection_->consumed(*this, fed);
  connection_->waited(fed);
  waiting_at_ += fed;
  if (fed != 0) {
    starved_for_ += station_.now - since;
  } else if (is_starved_) {
    starved_since_ = since;
    return;  // the wait goes on from where it began
  }
  const bool is_empty = waiting_at_ == waiting_.size();
  if (is_empty || waiting_at_ > waiting_.size() / 2) {  // what is used up goes, also of a body that keeps coming
    waiting_.erase(0, waiting_at_);
    waiting_at_ = 0;
  }
  if (is_empty && input_ended_) input_ended();
}

void Http2Stream::input_ended() {
  input_ended_ = true;
  if (phase_ == Phase::Streaming && listener_ != nullptr) return listener_->body_grew();
  if (phase_ != Phase::Body || waiting_at_ != waiting_.size()) return;
  switch (body_reader_->end(body_sink())) {
    case BodyReader::Outcome::NeedsInput:
    case BodyReader::Outcome::Done:
      return body_ended();
    case BodyReader::Outcome::Refused:
      return body_refused(body_reader_->refusal());
    case BodyReader::Outcome::SinkFull:
      return starve();
  }
}

void Http2Stream::body_ended() {
  const bool had_body = phase_ == Phase::Body;
  phase_ = Phase::Answering;
  if (blocking_) return blocking_->pipe().finish();
  if (had_body) {
    body_ = body_buffer_.padded();
    received_at_ = station_.now;
  }
  if (connection_->must_wait()) {
    phase_ = Phase::Withheld;
    body_pace_.begin(station_.now, body_received_);
    return connection_->withhold();
  }
  call_handler();
}

void Http2Stream::go_on() {
  phase_ = Phase::Answering;
  call_handler();
}

void Http2Stream::body_wanted(BlockingExchange& from) {
  if (blocking_.get() != &from || phase_ != Phase::Body) return;
  if (std::exchange(owes_continue_, false) && body_received_ == 0) connection_->say_continue(*this);
  feed_again();
}

void Http2Stream::before_answer() {
  phase_ = Phase::Answering;
  is_starved_ = false;
  if (connection_ != nullptr && waiting_.size() != waiting_at_) {
    connection_->waited(waiting_.size() - waiting_at_);
    connection_->consumed(*this, waiting_.size() - waiting_at_);
  }
  std::string().swap(waiting_);
  waiting_at_ = 0;
}

TimePoint Http2Stream::body_deadline() const {
  const Limits& limits = station_.shared.limits;
  const auto earned =
      std::chrono::milliseconds(body_received_ * 1000 / std::max<std::uint64_t>(limits.body_bytes_per_second, 1));
  return std::min(body_since_ + starved_for_ + earned, heard_at_) + limits.head_timeout;
}

void Http2Stream::on_alarm() {
  const Limits& limits = station_.shared.limits;
  switch (phase_) {
    case Phase::Head:
      if (station_.now >= body_since_ + limits.head_timeout) connection_->head_is_late();
      return;
    case Phase::Body:
      if (is_starved_) {  // which is not its fault
        body_pace_.begin(station_.now, body_received_);
      }
      if (is_waiting_for_room()) {
        feed_again();
        if (!is_waiting_for_room() || station_.now < starved_since_ + limits.body_memory_wait) return;
        return answer_early(unavailable("the server's memory for request bodies is in use: try again"), 503,
                            Trouble::NoMemory);
      }
      if (is_starved_) return;
      if (station_.now >= body_deadline()) return body_refused({408, "the body of the request comes too slowly"});
      if (hogs_memory(body_received_)) memory_is_wanted();
      return;
    case Phase::Streaming:
      if (wake()) return;
      if (wake_at_ != TimePoint::max()) connection_->wake_at(wake_at_);
      if (!answered_ && !input_ended_ && hogs_memory(body_received_)) return memory_is_wanted();
      if (sent_ == sendable_) return;
      [[fallthrough]];
    case Phase::Answered:
      if (station_.now >= moved_at_ + limits.write_stall) return connection_->give_up(*this, Trouble::WriteStall);
      if (held_answer_ > kSmallAnswer && hogs_answers(held_answer_, sent_before_ + sent_)) {
        connection_->give_up(*this, Trouble::AnswerMemory);
      }
      return;
    case Phase::Withheld:
      if (hogs_memory(body_received_)) memory_is_wanted();
      return;
    case Phase::Idle:
    case Phase::Answering:
      return;
  }
}

// Others cannot go on while this body, which hardly grows or waits for its peer to take other answers, holds memory.
void Http2Stream::memory_is_wanted() {
  const Error error = unavailable(
      phase_ == Phase::Withheld
          ? "the server's memory for request bodies is in use, and this connection does not take its answers"
          : "the server's memory for request bodies is in use, and this one came too slowly");
  if (phase_ == Phase::Streaming) return cut(error, 503, Trouble::NoMemory);
  answer_early(error, 503, Trouble::NoMemory);
}

void Http2Stream::leave(std::string_view why) {
  const bool is_held = (phase_ == Phase::Answering || phase_ == Phase::Streaming) && !blocking_ && !answered_;
  if (!answered_ && phase_ != Phase::Head) note(Trouble::PeerLeft);
  connection_->hold_answer(held_answer_, 0);
  connection_->waited(waiting_.size() - waiting_at_);
  std::string().swap(waiting_);
  waiting_at_ = 0;
  connection_ = nullptr;
  if (blocking_) std::exchange(blocking_, nullptr)->detach({ErrorCode::Cancelled, std::string(why)});
  Abandonment* watcher = std::exchange(watcher_, nullptr);
  listener_ = nullptr;
  if (is_held && watcher == nullptr) {
    peer_of_exchange_ = nullptr;  // the connection's, which may serve another peer by then
    return;                       // the handler's reference must stay good until it answers
  }
  if (is_held) watcher->abandoned();
  to_pool();
}

void Http2Stream::to_pool() {
  phase_ = Phase::Idle;
  answered_ = true;
  is_open_ = false;
  head_bytes_ = nullptr;
  fields_.reset();
  body_reader_.reset();
  body_buffer_.clear();
  shared_body_.reset();
  body_ = {};
  hold(0);
  added_headers_.clear();
  trailers_.clear();
  trailer_text_.clear();
  std::string().swap(waiting_);
  waiting_at_ = 0;
  station_.give_back_output(content_);
  station_.streams->give_back(*this);
}

}  // namespace slipway::net
