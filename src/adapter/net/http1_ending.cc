// Http1Connection: sending what was written, and every way a connection ends.
#include <utility>

#include "adapter/net/http1_connection.h"

namespace slipway::net {

void Http1Connection::after_end_of_input() {
  switch (phase_) {
    case Phase::Head:
      if (begin_ == size_ || closes_after_flush_) {
        if (has_output()) {
          closes_after_flush_ = true;
          return mark_dirty();
        }
        return close();
      }
      if (has_backlog()) return;  // more requests wait in the buffer
      return refuse({400, "the request ends within its head"}, Trouble::PeerLeft);
    case Phase::Body:
      if (is_starved_) return;
      keeps_alive_ = false;
      return body_refused({400, "the request ends within its body"});
    case Phase::Answering:
      if (!is_with_worker(is_gone())) mark_leaving();
      return;
    case Phase::Discarding:
    case Phase::Lingering:
      return close();
    case Phase::Idle:
    case Phase::Closed:
    case Phase::Leaving:
      return;
  }
}

void Http1Connection::leave_if_unanswered() {
  if (!std::exchange(is_leaving_, false) || phase_ != Phase::Answering || is_with_worker(is_gone())) return;
  note(Trouble::PeerLeft);
  close();
}

void Http1Connection::flush() {
  is_dirty_ = false;
  if (phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  const std::size_t end = is_open_ ? answer_at_ : out_.size();  // an answer still being written stays
  while (sent_ < end) {
    const StreamResult result = stream_->write(as_bytes(std::string_view(out_).substr(sent_, end - sent_)));
    if (result.outcome == StreamResult::Outcome::WouldBlock) {
      if (!std::exchange(is_blocked_, true)) blocked_since_ = station_.now;
      if (!hold_output()) {
        note(Trouble::AnswerMemory);
        return close();
      }
      forget_sent();
      return arm();
    }
    if (result.outcome != StreamResult::Outcome::Progress) {
      note(Trouble::PeerLeft);
      return close();
    }
    sent_ += result.count;
    all_sent_ += result.count;
    station_.counters.bytes_out.add(result.count);
    is_blocked_ = false;
  }
  is_blocked_ = false;
  if (is_open_) {
    forget_sent();
    release_held();
  } else {
    give_back_output();
  }
  if (closes_after_flush_) return start_lingering();
  arm();
  if (phase_ == Phase::Head && (begin_ != size_ || is_readable_ || has_ended_)) mark_resumed();
}

// Counts what is written but not yet taken by the peer against the budget of the process. False: it has no room.
bool Http1Connection::hold_output() {
  MemoryBudget& budget = station_.shared.answers;
  const std::size_t size = out_.capacity();
  if (size > held_output_) {
    if (!budget.has_room()) return false;
    if (held_output_ == 0) answer_pace_.begin(station_.now, all_sent_);
    budget.draw(size - held_output_);
    held_output_ = size;
  }
  return true;
}

void Http1Connection::release_held() {
  if (held_output_ != 0) station_.shared.answers.give_back(std::exchange(held_output_, 0));
}

void Http1Connection::give_back_output() {
  sent_ = 0;
  release_held();
  station_.give_back_output(out_);
}

void Http1Connection::start_lingering() {
  if (!lingers_ || has_ended_) return close();
  release_input();
  phase_ = Phase::Lingering;
  begin_lingering(*stream_);
  arm();
  if (!linger(*stream_)) close();
}

void Http1Connection::begin_drain() {
  if (phase_ == Phase::Answering && listener_ != nullptr) listener_->server_stops();
  const auto is_idle = [&] { return phase_ == Phase::Head && begin_ == size_ && !has_output(); };
  if (!is_idle() || station_.idle == IdleConnections::Wait) return;
  is_readable_ = true;  // a request may have come already
  pump();
  if (is_idle()) close();
}

void Http1Connection::close() {
  if (phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  const bool was_answering = phase_ == Phase::Answering && !blocking_ && !answered_;
  phase_ = Phase::Closed;
  is_starved_ = is_blocked_ = false;
  station_.counters.open.subtract(1);
  if (blocking_) std::exchange(blocking_, nullptr)->detach({ErrorCode::Cancelled, "the peer closed the connection"});
  listener_ = nullptr;
  if (Abandonment* watcher = std::exchange(watcher_, nullptr); watcher != nullptr && was_answering) {
    watcher->abandoned();
  } else if (was_answering) {
    is_orphan_ = true;  // the handler's reference must stay good until it answers
  }
  if (!is_orphan_) {
    release_input();
    body_buffer_.clear();
    shared_body_.reset();
    body_ = {};
    hold(0);
    give_back_output();
  }
  station_.closed.push_back(this);
}

}  // namespace slipway::net
