// Http2Connection: sending, time, and every way a connection ends.
#include <algorithm>
#include <utility>

#include "adapter/net/http2_connection.h"
#include "adapter/net/http2_stream.h"

namespace slipway::net {
namespace {

constexpr Duration kRetryBudget = std::chrono::milliseconds(20);
// A peer that does not answer pings is shut down all the same; where another process serves already, there is time.
constexpr Duration most_notice(const Station& station) {
  return std::chrono::seconds(station.idle == IdleConnections::Wait ? 10 : 1);
}

}  // namespace

void Http2Connection::flush() {
  is_dirty_ = false;
  if (phase_ == Phase::Closed || phase_ == Phase::Idle || phase_ == Phase::Lingering) return;
  station_.ensure_output(out_);
  do {
    if (out_.size() - sent_ < kMostOutput) {
      if (sent_ != 0) {
        out_.erase(0, sent_);
        sent_ = 0;
      }
      session_->pull(out_, kMostOutput);
    }
    if (!send()) return;
  } while (session_->has_output());
  after_sending();
}

// False: the socket takes no more, or is gone.
bool Http2Connection::send() {
  while (has_unsent()) {
    const StreamResult result = stream_->write(as_bytes(std::string_view(out_).substr(sent_)));
    if (result.outcome == StreamResult::Outcome::WouldBlock) {
      if (!std::exchange(is_blocked_, true)) blocked_since_ = station_.now;
      set_alarm(next_deadline());
      return false;
    }
    if (result.outcome != StreamResult::Outcome::Progress) {
      station_.counters.note(Trouble::PeerLeft);
      close();
      return false;
    }
    sent_ += result.count;
    station_.counters.bytes_out.add(result.count);
    is_blocked_ = false;
  }
  out_.clear();
  sent_ = 0;
  return true;
}

void Http2Connection::after_sending() {
  station_.give_back_output(out_);
  if (session_->is_over()) return start_lingering();
  // What is not sent by now waits for a worker, or for a window that nobody can open.
  if (has_ended_) return is_worked_on() ? void() : close();
  if (phase_ == Phase::Ending && streams_.empty()) return start_lingering();
  if (is_readable_ && wants_input()) mark_resumed();
}

void Http2Connection::start_lingering() {
  if (has_ended_) return close();
  phase_ = Phase::Lingering;
  begin_lingering(*stream_);
  while (!streams_.empty()) {
    Http2Stream& stream = *streams_.back();
    remove(stream);
    stream.leave("the connection ended");
  }
  set_alarm(next_deadline());
  if (!linger(*stream_)) close();
}

void Http2Connection::leave_if_unanswered() {
  if (!std::exchange(is_leaving_, false) || phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  if (is_gone()) return close();
  const bool is_owed = has_unsent() || session_->has_output() || is_worked_on();
  const bool is_answered = std::all_of(streams_.begin(), streams_.end(), [](const Http2Stream* stream) {
    return stream->phase() == Http2Stream::Phase::Answered || stream->is_poured() || stream->is_worked_on();
  });
  if (is_owed && is_answered && !streams_.empty()) return;  // it may only have ended its own side
  close();
}

bool Http2Connection::is_worked_on() const {
  return !is_gone() &&
         std::any_of(streams_.begin(), streams_.end(), [](const auto* stream) { return stream->is_worked_on(); });
}

void Http2Connection::begin_drain() {
  if (phase_ != Phase::Open || std::exchange(is_draining_, true)) return;
  is_readable_ = true;  // requests may have come already
  pump();
  if (phase_ != Phase::Open) return;
  session_->announce_shutdown();
  drain_since_ = station_.now;
  mark_dirty();
  set_alarm(next_deadline());
}

void Http2Connection::close() {
  if (phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  phase_ = Phase::Closed;
  is_blocked_ = false;
  station_.counters.open.subtract(1);
  while (!streams_.empty()) {
    Http2Stream& stream = *streams_.back();
    remove(stream);
    stream.leave("the peer closed the connection");
  }
  station_.give_back_output(out_);
  sent_ = 0;
  station_.closed.push_back(this);
}

void Http2Connection::on_alarm(TimePoint at) {
  if (!take_alarm(at) || phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  sweep();
  if (phase_ != Phase::Closed && phase_ != Phase::Idle) set_alarm(next_deadline());
}

void Http2Connection::stream_waits() {
  has_waiting_ = true;
  set_alarm(station_.now + kRetryBudget);
}

// When to look next. With streams open that is often enough to find what is late, without a deadline for each.
TimePoint Http2Connection::next_deadline() const {
  const Limits& limits = station_.shared.limits;
  if (phase_ == Phase::Lingering) return lingering_since_ + kMostLingering;
  TimePoint next = is_blocked_ ? blocked_since_ + limits.write_stall : TimePoint::max();
  if (phase_ == Phase::Ending) return std::min(next, station_.now + kMostLingering);
  if (is_draining_ && !has_shut_down_) next = std::min(next, drain_since_ + most_notice(station_));
  if (!is_settled_) next = std::min(next, begun_at_ + limits.head_timeout);
  if (streams_.empty()) return std::min(next, idle_since_ + limits.idle_timeout);
  if (has_waiting_) return std::min(next, station_.now + kRetryBudget);
  const Duration often = std::clamp<Duration>(std::min(limits.head_timeout, limits.write_stall) / 8,
                                              std::chrono::milliseconds(10), std::chrono::seconds(1));
  return std::min(next, station_.now + often);
}

void Http2Connection::sweep() {
  const Limits& limits = station_.shared.limits;
  const TimePoint now = station_.now;
  if (phase_ == Phase::Lingering) {
    if (now >= lingering_since_ + kMostLingering) close();
    return;
  }
  if (is_blocked_ && now >= blocked_since_ + limits.write_stall) {
    station_.counters.note(Trouble::WriteStall);
    return close();
  }
  if (phase_ == Phase::Ending) return;
  if (is_draining_ && !has_shut_down_ && now >= drain_since_ + most_notice(station_)) ping_answered();
  if (!is_settled_ && now >= begun_at_ + limits.head_timeout) {
    station_.counters.note(Trouble::SlowPeer);
    return close();
  }
  if (streams_.empty() && now >= idle_since_ + limits.idle_timeout && phase_ == Phase::Open) {
    phase_ = Phase::Ending;
    session_->end(Http2Code::NoError);
    return mark_dirty();
  }
  has_waiting_ = false;
  const std::vector<Http2Stream*> streams = streams_;
  for (Http2Stream* stream : streams) {
    if (phase_ != Phase::Open && phase_ != Phase::Ending) return;
    stream->on_alarm();
    has_waiting_ |= stream->is_waiting_for_room();
  }
}

void Http2Connection::head_is_late() {
  stop(Http2Code::EnhanceYourCalm, Trouble::SlowPeer);
}

}  // namespace slipway::net
