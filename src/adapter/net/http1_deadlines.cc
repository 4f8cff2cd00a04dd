// Http1Connection, time: one alarm per connection, set for the earliest thing that may happen and looked at when it
// rings; deadlines only ever move later without touching it.
#include <algorithm>

#include "adapter/net/http1_connection.h"

namespace slipway::net {
namespace {

constexpr Duration kRetryBudget = std::chrono::milliseconds(20);

}  // namespace

// The moment at which too few bytes of the body will have come, if no more do. Bytes that came quickly earn time, but
// never for a longer silence than a head may take.
TimePoint Http1Connection::body_deadline() const {
  const Limits& limits = station_.shared.limits;
  const auto earned =
      std::chrono::milliseconds(body_received_ * 1000 / std::max<std::uint64_t>(limits.body_bytes_per_second, 1));
  return std::min(body_since_ + starved_for_ + earned, heard_at_) + limits.head_timeout;
}

TimePoint Http1Connection::next_deadline() const {
  const Limits& limits = station_.shared.limits;
  TimePoint next = TimePoint::max();
  if (is_blocked_) next = blocked_since_ + limits.write_stall;
  if (held_output_ != 0) next = std::min(next, station_.now + Pace::kBetween);
  switch (phase_) {
    case Phase::Head:
      if (closes_after_flush_ || has_output()) return next;
      return std::min(next, has_partial_head_
                                ? head_since_ + limits.head_timeout
                                : idle_since_ + (is_handshaking_ ? limits.handshake_timeout : limits.idle_timeout));
    case Phase::Body:
      if (!is_starved_) return std::min({next, body_deadline(), station_.now + Pace::kBetween});
      return blocking_ ? next : std::min(next, station_.now + kRetryBudget);
    case Phase::Discarding:
      return std::min(next, body_deadline());
    case Phase::Lingering:
      return lingering_since_ + kMostLingering;
    case Phase::Answering:
      return std::min(next, wake_at_);
    case Phase::Idle:
    case Phase::Closed:
    case Phase::Leaving:
      return next;
  }
  return next;
}

void Http1Connection::arm() {
  set_alarm(next_deadline());
}

void Http1Connection::on_alarm(TimePoint at) {
  if (!take_alarm(at)) return;
  expire();
  if (phase_ != Phase::Closed && phase_ != Phase::Idle) arm();
}

void Http1Connection::expire() {
  const Limits& limits = station_.shared.limits;
  const TimePoint now = station_.now;
  if (is_blocked_ && now >= blocked_since_ + limits.write_stall) {
    note(Trouble::WriteStall);
    return close();
  }
  if (held_output_ != 0 && hogs_answers(held_output_, all_sent_)) {
    note(Trouble::AnswerMemory);
    return close();
  }
  switch (phase_) {
    case Phase::Head:
      if (now < next_deadline()) return;
      if (is_handshaking_ && !stream_->is_handshaking()) return end_handshake();  // done, and no request yet
      if (is_handshaking_) note(Trouble::SlowPeer);
      if (!has_partial_head_) return close();
      return refuse({408, "the head of the request did not come in time"}, Trouble::SlowPeer);
    case Phase::Body:
      if (is_starved_) {  // which is not its fault
        body_pace_.begin(now, body_received_);
      }
      if (is_starved_ && !blocking_) {
        if (now < starved_since_ + limits.body_memory_wait) return feed_again();
        keeps_alive_ = false;
        return answer_early(unavailable("the server's memory for request bodies is in use: try again"), 503,
                            Trouble::NoMemory);
      }
      if (is_starved_) return;
      if (now < body_deadline()) {
        if (!hogs_memory(body_received_)) return;
        keeps_alive_ = false;
        return answer_early(
            unavailable("the server's memory for request bodies is in use, and this one came too slowly"), 503,
            Trouble::NoMemory);
      }
      keeps_alive_ = false;
      return body_refused({408, "the body of the request comes too slowly"});
    case Phase::Discarding:
    case Phase::Lingering:
      if (now >= next_deadline()) close();
      return;
    case Phase::Answering:
      wake();
      return;
    case Phase::Idle:
    case Phase::Closed:
    case Phase::Leaving:
      return;
  }
}

// The sink takes nothing at present: reading stops. The budget is asked again soon; a pipe's reader calls.
void Http1Connection::starve() {
  if (is_starved_) return;
  is_starved_ = true;
  starved_since_ = station_.now;
  arm();
}

void Http1Connection::feed_again() {
  if (!is_starved_) return;
  const TimePoint since = starved_since_;
  const std::uint64_t received = body_received_;
  is_starved_ = false;
  heard_at_ = station_.now;
  process();
  if (phase_ == Phase::Body && !is_starved_) pump();
  if (phase_ != Phase::Body) return;
  if (is_starved_ && body_received_ == received) {
    starved_since_ = since;  // still no room: the wait goes on
  } else {
    starved_for_ += station_.now - since;
  }
}

}  // namespace slipway::net
