// Http2Connection: one peer speaking HTTP/2.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapter/net/byte_stream.h"
#include "adapter/net/connection.h"
#include "adapter/net/http2_budget.h"
#include "adapter/net/http2_session.h"
#include "adapter/net/http2_share.h"
#include "adapter/net/station.h"

namespace slipway::net {

class ContentPlan;
class Http2Stream;

// Owned by its loop and recycled for the next peer; the loop's thread only. Feeds what it reads to the session, which
// tells of streams; what they answer is sent once per tick.
//
//   phase      means                                              next
//   Idle       no connection                                      Open
//   Open       streams come and go                                Ending, Closed
//   Ending     idle, or the peer broke a rule or a budget: the    Lingering, Closed
//              last GOAWAY is sent
//   Lingering  reading so that the peer gets the last bytes       Closed
//   Closed     waiting to be recycled                             Idle
class Http2Connection final : public Connection, private Http2Events {
 public:
  enum class Phase : std::uint8_t { Idle, Open, Ending, Lingering, Closed };

  explicit Http2Connection(Station& station) : Connection(station), station_(station) {}
  ~Http2Connection() override;

  // `first`: what was read already, the client's preface or its beginning. `stream` is borrowed until recycle().
  void begin(ByteStream& stream, Peer peer, ByteSpan first);
  void on_ready(bool is_readable, bool is_writable, bool has_hung_up) override;
  void resume() override;
  void flush() override;
  void leave_if_unanswered() override;
  void on_alarm(TimePoint at) override;
  void begin_drain() override;
  void close() override;
  bool is_closed() const override { return phase_ == Phase::Closed; }
  bool can_be_recycled() const override { return is_closed(); }
  void recycle() override;
  Phase phase() const { return phase_; }

  // From its streams.
  using Connection::was_answered_well;
  void answer(Http2Stream& stream, std::span<const Http2Field> head, bool has_content);
  void say_continue(Http2Stream& stream);
  void consumed(Http2Stream& stream, std::size_t count);
  bool may_wait(std::size_t count);  // bytes of a body that its sink cannot take yet
  void waited(std::size_t count);    // so many of them have gone on
  void stream_waits();
  void content_is_ready(Http2Stream& stream);
  void stream_drained();
  void wake_at(TimePoint at) { set_alarm(at); }  // its streams' on_alarm() is called then, or before
  void reset(Http2Stream& stream, Http2Code code);
  // What `stream` has of an answer is `size` bytes now, counted in `held`. False: what peers have not taken is as much
  // as may be, and `held` stays. Small answers are always counted.
  bool hold_answer(std::size_t& held, std::size_t size);
  // True: the peer is to take what it has asked for before more of it is done. One answer may be of any size.
  bool must_wait() const { return answers_held_ > 1 && answer_bytes_ > kMostAnswers; }
  void withhold() { has_withheld_ = true; }  // a stream, until must_wait() is false
  std::size_t open_window() const;           // of answers' content that the peer would take now
  void head_grew(std::size_t size) { head_bytes_ += size; }
  void head_dropped(std::size_t size) { head_bytes_ -= size; }
  void give_up(Http2Stream& stream, Trouble trouble);  // the peer does not take its answer
  void head_is_late();

 private:
  static constexpr int kReadsPerTurn = 4;                // then the other connections of the tick get theirs
  static constexpr std::size_t kMostOutput = 128 << 10;  // frames made ahead of the socket
  static constexpr std::size_t kMostAnswers = 1 << 20;   // undelivered
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  // Http2Events.
  Http2Stream* begin_stream(std::int32_t id) override;
  void field(Http2Stream& stream, std::string_view name, std::string_view value) override;
  void head_ended(Http2Stream& stream, bool is_last) override;
  void data(Http2Stream& stream, ByteSpan bytes) override;
  void input_ended(Http2Stream& stream) override;
  void stream_closed(Http2Stream& stream, std::uint32_t code) override;
  void cheap_frame() override;
  void passed_over(std::size_t kibibytes) override;
  void head_read(std::size_t sent, std::size_t read) override;
  void settled() override { is_settled_ = true; }
  void ping_answered() override;
  void last_frame_sent(Http2Stream& stream) override;
  Ready ready(Http2Stream& stream) override;
  void append_content(Http2Stream& stream, std::size_t size, std::string& out) override;

  void pump();
  void let_go();
  bool has_its_share() const;
  bool read_some();
  Http2Stream* stream_of_next_content() const;
  StreamResult read_in_place(Http2Stream& stream, std::size_t most);
  void feed_parts(const ContentPlan& plan, const Http2Stream& stream, std::size_t count);
  void feed(ByteSpan bytes);
  bool send();
  void after_sending();
  void start_lingering();
  void remove(Http2Stream& stream);
  void stop(Http2Code code, Trouble trouble);
  TimePoint next_deadline() const;
  void sweep();
  bool is_worked_on() const;
  bool has_unsent() const { return sent_ < out_.size(); }
  bool wants_input() const;

  Station& station_;
  ByteStream* stream_ = nullptr;
  Peer peer_;
  Phase phase_ = Phase::Idle;
  std::unique_ptr<Http2Session> session_;
  std::vector<Http2Stream*> streams_;  // open ones, in no order
  std::size_t waiting_bytes_ = 0, waiting_drawn_ = 0;
  std::size_t head_bytes_ = 0;    // of the heads of open streams
  std::size_t answer_bytes_ = 0;  // of answers that are not yet sent
  std::size_t answers_held_ = 0;  // so many answers
  Http2Budget budget_{TimePoint{}};
  Http2Share share_;
  std::uint64_t shared_at_ = kNever;  // the tick that last read no more than its share

  std::string first_;           // bytes that were read before begin()
  std::size_t turn_bytes_ = 0;  // read in this turn
  bool was_long_ = false;       // the last body that was read in place
  std::string out_;
  std::size_t sent_ = 0;

  bool has_hung_up_ = false, has_ended_ = false;
  bool is_settled_ = false, is_draining_ = false, has_shut_down_ = false, is_feeding_ = false;
  bool is_blocked_ = false, has_waiting_ = false, has_drained_ = false;
  bool has_withheld_ = false;
  TimePoint begun_at_{}, idle_since_{}, blocked_since_{}, drain_since_{};
};

}  // namespace slipway::net
