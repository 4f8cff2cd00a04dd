#include "adapter/net/http2_connection.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapter/net/http2_stream.h"

namespace slipway::net {
namespace {

constexpr std::size_t kFreeWaiting = 256 << 10;  // of a connection's bodies, before the process budget is asked
constexpr std::size_t kMostHeads = 512 << 10;    // of a connection's open streams together
constexpr std::size_t kFreeAnswers = 512 << 10;  // of a connection, before the process budget is asked
constexpr std::size_t kFieldsPerLimit = 10;      // a head of so many times the fields allowed ends the connection

}  // namespace

Http2Connection::~Http2Connection() = default;

void Http2Connection::begin(ByteStream& stream, Peer peer, ByteSpan first) {
  stream_ = &stream;
  peer_ = std::move(peer);
  phase_ = Phase::Open;
  session_ =
      std::make_unique<Http2Session>(static_cast<Http2Events&>(*this), station_.http2_memory, station_.shared.limits);
  begun_at_ = idle_since_ = station_.now;
  budget_ = Http2Budget(station_.now);
  share_ = {};
  shared_at_ = kNever;
  is_readable_ = true;
  first_ = as_text(first);
  mark_dirty();
  mark_resumed();  // it has had a turn, in which it was found to speak HTTP/2
  set_alarm(next_deadline());
}

void Http2Connection::recycle() {
  stream_ = nullptr;
  forget_peer();
  first_.clear();
  phase_ = Phase::Idle;
  session_.reset();
  station_.streams->trim();
  sent_ = 0;
  has_hung_up_ = has_ended_ = false;
  is_settled_ = is_draining_ = has_shut_down_ = false;
  is_blocked_ = has_waiting_ = has_drained_ = has_withheld_ = false;
}

void Http2Connection::on_ready(bool is_readable, bool is_writable, bool has_hung_up) {
  if (phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  if (is_writable && has_unsent()) mark_dirty();
  has_hung_up_ |= has_hung_up;
  if (!is_readable && !has_hung_up) return;
  is_readable_ = true;
  may_take_turn() ? pump() : mark_resumed();
}

void Http2Connection::resume() {
  is_resumed_ = false;
  if (phase_ == Phase::Closed || phase_ == Phase::Idle) return;
  if (std::exchange(has_drained_, false)) {
    const std::vector<Http2Stream*> streams = streams_;
    for (Http2Stream* stream : streams) stream->tell_drained();
  }
  if (has_withheld_ && !must_wait()) let_go();
  if (has_its_share()) return mark_resumed();
  pump();
}

// A peer that does not take what it is sent is not read either: it could only ask for more.
bool Http2Connection::wants_input() const {
  return !has_ended_ && !(is_blocked_ && out_.size() - sent_ >= kMostOutput);
}

void Http2Connection::pump() {
  if (phase_ == Phase::Lingering) {
    if (!linger(*stream_)) close();
    return;
  }
  turn_bytes_ = first_.size();
  if (!first_.empty()) feed(as_bytes(std::exchange(first_, {})));
  for (int reads = 0; is_readable_ && wants_input() && reads < kReadsPerTurn && may_read_on(turn_bytes_); ++reads) {
    if (!read_some()) break;
  }
  end_turn(turn_bytes_);
  if (phase_ == Phase::Closed) return;
  if (has_ended_) return mark_leaving();  // answers of this tick still go out
  if (is_readable_ && wants_input()) mark_resumed();
}

// Of this tick.
bool Http2Connection::has_its_share() const {
  return shared_at_ == station_.counters.ticks.value();
}

bool Http2Connection::read_some() {
  const MutableByteSpan most = station_.wide_input();
  MutableByteSpan room = most.first(share_.room(most.size()));
  const bool is_share = room.size() < most.size();
  Http2Stream* const content = is_share ? nullptr : stream_of_next_content();
  // Of a body that comes when bodies are long, the read that finds it takes little: the others put it where it belongs.
  const bool looks_first = content == nullptr && was_long_ && !is_share;
  if (standing() == Standing::New || looks_first) room = room.first(std::min(room.size(), kLightTurn));
  const StreamResult result = content != nullptr ? read_in_place(*content, room.size()) : stream_->read(room);
  switch (result.outcome) {
    case StreamResult::Outcome::WouldBlock:
      is_readable_ = result.is_cut;
      return false;
    case StreamResult::Outcome::Failed:
      station_.counters.note(Trouble::PeerLeft);
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
  station_.counters.bytes_in.add(result.count);
  turn_bytes_ += result.count;
  share_.read(result.count);
  if (content == nullptr) {
    was_long_ = false;
    feed(ByteSpan(room).first(result.count));
  }
  if (is_share) shared_at_ = station_.counters.ticks.value();
  return !has_its_share() && (phase_ == Phase::Open || phase_ == Phase::Ending);
}

void Http2Connection::feed(ByteSpan bytes) {
  is_feeding_ = true;
  const bool goes_on = session_->feed(bytes);
  is_feeding_ = false;
  if (!goes_on && phase_ == Phase::Open) {
    station_.counters.note(session_->was_flooded() ? Trouble::Flood : Trouble::Malformed);
    phase_ = Phase::Ending;
  }
  if (session_->has_output() || session_->is_over()) mark_dirty();
}

Http2Stream* Http2Connection::begin_stream(std::int32_t id) {
  Http2Stream& stream = station_.streams->take();
  stream.begin(*this, id);
  stream.place = streams_.size();
  streams_.push_back(&stream);
  share_.request();
  set_alarm(next_deadline());
  return &stream;
}

void Http2Connection::field(Http2Stream& stream, std::string_view name, std::string_view value) {
  Http2Head& head = stream.fields();
  const std::size_t before = head.size();
  if (head_bytes_ + name.size() + value.size() > kMostHeads) {
    head.overflow();
  } else {
    head.take(name, value);
  }
  head_bytes_ += head.size() - before;
  if (head.fields_seen() > station_.shared.limits.header_fields * kFieldsPerLimit) {
    stop(Http2Code::EnhanceYourCalm, Trouble::TooLarge);
  }
}

void Http2Connection::stop(Http2Code code, Trouble trouble) {
  if (phase_ != Phase::Open) return;
  station_.counters.note(trouble);
  phase_ = Phase::Ending;
  session_->end(code);
  mark_dirty();
}

void Http2Connection::head_ended(Http2Stream& stream, bool is_last) {
  budget_.request();
  stream.head_ended(peer_, !is_last);
}

void Http2Connection::data(Http2Stream& stream, ByteSpan bytes) {
  budget_.content();
  session_->consumed_of_connection(bytes.size());  // what bounds it is each stream's own window
  stream.take_data(bytes);
}

void Http2Connection::input_ended(Http2Stream& stream) {
  stream.input_ended();
}

void Http2Connection::stream_closed(Http2Stream& stream, std::uint32_t code) {
  remove(stream);
  if (!budget_.stream_ended(code != 0)) stop(Http2Code::EnhanceYourCalm, Trouble::Flood);
  stream.leave("the peer gave the request up");
}

void Http2Connection::remove(Http2Stream& stream) {
  streams_.back()->place = stream.place;
  std::swap(streams_[stream.place], streams_.back());
  streams_.pop_back();
  head_bytes_ -= stream.fields().size();
  if (streams_.empty()) idle_since_ = station_.now;
}

void Http2Connection::cheap_frame() {
  if (!budget_.cheap_frame(station_.now)) stop(Http2Code::EnhanceYourCalm, Trouble::Flood);
}

void Http2Connection::passed_over(std::size_t kibibytes) {
  if (!budget_.passed_over(kibibytes, station_.now)) stop(Http2Code::EnhanceYourCalm, Trouble::Flood);
}

void Http2Connection::head_read(std::size_t sent, std::size_t read) {
  if (!budget_.head_read(sent, read, station_.now)) stop(Http2Code::EnhanceYourCalm, Trouble::Flood);
}

// The peer has read the notice: what it sends from now on is not taken.
void Http2Connection::ping_answered() {
  if (!is_draining_ || std::exchange(has_shut_down_, true)) return;
  session_->shut_down();
  mark_dirty();
  const std::vector<Http2Stream*> streams = streams_;
  for (Http2Stream* stream : streams) stream->tell_of_stop();
}

// An answer that did not need the rest of the request: the peer may stop sending it.
void Http2Connection::last_frame_sent(Http2Stream& stream) {
  if (!stream.has_ended_input()) session_->reset(stream.id(), Http2Code::NoError);
}

Http2Events::Ready Http2Connection::ready(Http2Stream& stream) {
  return stream.ready();
}

void Http2Connection::append_content(Http2Stream& stream, std::size_t size, std::string& out) {
  budget_.content();
  stream.append_content(size, out);
}

void Http2Connection::answer(Http2Stream& stream, std::span<const Http2Field> head, bool has_content) {
  session_->answer(stream.id(), stream, head, has_content);
  mark_dirty();
}

void Http2Connection::say_continue(Http2Stream& stream) {
  session_->say_continue(stream.id());
  mark_dirty();
}

void Http2Connection::consumed(Http2Stream& stream, std::size_t count) {
  if (count == 0) return;
  session_->consumed_of_stream(stream.id(), count);
  if (!is_feeding_) mark_dirty();
}

bool Http2Connection::may_wait(std::size_t count) {
  if (waiting_bytes_ + count > kFreeWaiting + waiting_drawn_) {
    const std::size_t more = waiting_bytes_ + count - kFreeWaiting - waiting_drawn_;
    if (!station_.shared.bodies->has_room()) return false;
    station_.shared.bodies->draw(more);
    waiting_drawn_ += more;
  }
  waiting_bytes_ += count;
  return true;
}

void Http2Connection::waited(std::size_t count) {
  waiting_bytes_ -= count;
  const std::size_t needed = waiting_bytes_ > kFreeWaiting ? waiting_bytes_ - kFreeWaiting : 0;
  if (needed >= waiting_drawn_) return;
  station_.shared.bodies->give_back(waiting_drawn_ - needed);
  waiting_drawn_ = needed;
}

void Http2Connection::content_is_ready(Http2Stream& stream) {
  session_->content_is_ready(stream.id());
  mark_dirty();
}

// Told from within a flush: its handler hears of it in the next turn.
void Http2Connection::stream_drained() {
  has_drained_ = true;
  mark_resumed();
}

void Http2Connection::reset(Http2Stream& stream, Http2Code code) {
  session_->reset(stream.id(), code);
  mark_dirty();
}

bool Http2Connection::hold_answer(std::size_t& held, std::size_t size) {
  if (held == size) return true;
  const auto beyond_free = [](std::size_t bytes) { return bytes > kFreeAnswers ? bytes - kFreeAnswers : 0; };
  const std::size_t now = answer_bytes_ - held + size;
  const std::size_t drawn = beyond_free(answer_bytes_), needed = beyond_free(now);
  MemoryBudget& budget = station_.shared.answers;
  if (needed > drawn && size > kSmallAnswer && !budget.has_room()) return false;
  if (needed > drawn) budget.draw(needed - drawn);
  if (needed < drawn) budget.give_back(drawn - needed);
  if (held == 0) ++answers_held_;
  if (size == 0) --answers_held_;
  answer_bytes_ = now;
  held = size;
  if (has_withheld_ && !must_wait()) mark_resumed();
  return true;
}

// The oldest first, until the peer has to take answers again.
void Http2Connection::let_go() {
  std::vector<Http2Stream*> waiting;
  std::copy_if(streams_.begin(), streams_.end(), std::back_inserter(waiting),
               [](const Http2Stream* stream) { return stream->phase() == Http2Stream::Phase::Withheld; });
  std::sort(waiting.begin(), waiting.end(), [](const auto* a, const auto* b) { return a->id() < b->id(); });
  has_withheld_ = false;
  for (Http2Stream* stream : waiting) {
    must_wait() ? withhold() : stream->go_on();
  }
}

std::size_t Http2Connection::open_window() const {
  const std::size_t window = session_->open_window();
  return window - std::min(window, answer_bytes_);
}

void Http2Connection::give_up(Http2Stream& stream, Trouble trouble) {
  station_.counters.note(trouble);
  reset(stream, Http2Code::Cancel);
}

}  // namespace slipway::net
