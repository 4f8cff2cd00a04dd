// Http2Stream: one request and its answer on a connection that speaks HTTP/2.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/net/http2_head.h"
#include "adapter/net/http2_session.h"
#include "adapter/net/http_exchange.h"

namespace slipway::net {

class Http2Connection;

inline constexpr std::size_t kSmallAnswer = 1 << 10;  // such are never refused for want of memory

// Of a stream, in bytes of its body, before anything of it was taken.
inline constexpr std::size_t kFirstWindow = 256 << 10;

// Pooled by its loop; the loop's thread only. It leaves its connection when the session closes it, and returns to the
// pool then, or once a handler that still holds it has answered.
//
//   phase      means                                         next
//   Idle       in the pool                                   Head
//   Head       its fields come                               Body, Withheld, Answering, Answered
//   Body       reading the body for the handler              Withheld, Answering, Answered
//   Streaming  the handler has the request while its body    Answered
//              comes and its answer goes, in pieces
//   Withheld   the peer has to take other answers first      Answering, Answered
//   Answering  the handler has the request                   Answered
//   Answered   the answer waits for the peer's windows       Idle
class Http2Stream final : public HttpExchange {
 public:
  enum class Phase : std::uint8_t { Idle, Head, Body, Streaming, Withheld, Answering, Answered };

  explicit Http2Stream(Station& station);

  // Life, driven by the connection.
  void begin(Http2Connection& connection, std::int32_t id);
  Http2Head& fields() { return fields_; }
  void head_ended(Peer& peer, bool has_body);
  void take_data(ByteSpan bytes);
  void input_ended();
  // Where the next content goes if it is taken as it is; empty: elsewhere. It stays good while the body is pinned.
  MutableByteSpan room_in_place() const;
  void pin_body(bool is_pinned) { is_pinned ? body_buffer_.pin() : body_buffer_.unpin(); }
  // The session has closed it, or the connection ends: a handler is told.
  void leave(std::string_view why);
  void on_alarm();  // looks at its deadlines
  void go_on();     // was Withheld
  bool has_ended_input() const { return input_ended_; }
  bool is_waiting_for_room() const { return is_starved_ && !blocking_; }
  // Its answer goes on without the peer: a worker makes it, or reads the next piece once the last has gone.
  bool is_worked_on() const {
    return (phase_ == Phase::Answering && is_with_worker(false)) || (is_poured() && sent_ == sendable_);
  }
  bool is_poured() const { return phase_ == Phase::Streaming && is_pouring(); }  // piece by piece, from a worker
  bool is_idle() const { return phase_ == Phase::Idle; }
  Phase phase() const { return phase_; }
  std::int32_t id() const { return id_; }
  std::size_t place = 0;  // the connection's own: where in its list of streams this is
  std::size_t seat = 0;   // the pool's own

  // The answer, as the session takes it.
  Http2Events::Ready ready();
  void append_content(std::size_t size, std::string& out);

  // Exchange.
  std::string& open(int status, std::string_view content_type) override;
  bool has_trailers() const override { return true; }
  void add_trailer(std::string_view name, std::string_view value) override;
  void finish() override;
  void body_wanted(BlockingExchange& from) override;

  // StreamingExchange.
  bool has_whole_body() const override { return input_ended_; }
  void drop_body(std::size_t count) override;
  void want_body(std::size_t count) override;
  void send() override;
  void break_off() override;
  std::size_t unsent() const override { return content_.size() - sent_; }
  void tell_drained();  // if it has to be told
  void wake_at(TimePoint at) override;
  void tell_of_stop();  // the same

 private:
  void before_answer() override;
  bool is_forsaken() const override { return connection_ == nullptr; }
  void begin_pouring() override { phase_ = Phase::Streaming; }
  void take_back_answer() override;
  void begin_body(Coding coding);
  void expect_message(ByteSpan first);
  void begin_streaming(Coding coding);
  bool feed(ByteSpan& bytes);
  void store(ByteSpan bytes);
  void feed_again();
  void stream_data(ByteSpan bytes);
  void open_window();
  void cut(const Error& error, int status, Trouble trouble);
  void body_ended();
  void starve();
  void memory_is_wanted();
  TimePoint body_deadline() const;
  void finish_pieces();
  bool hold_content();
  void drop_sent();
  void give_up_answer();
  void slim_down();
  void gather_head(std::optional<std::size_t> length);
  void to_pool();

  Http2Connection* connection_ = nullptr;  // none: the peer cannot be answered any more
  std::int32_t id_ = 0;
  Phase phase_ = Phase::Idle;
  Http2Head fields_;

  // The body. What the sink cannot take yet waits; its bytes are not given back to the window.
  std::string waiting_;
  std::size_t waiting_at_ = 0;
  bool input_ended_ = false, is_starved_ = false;
  TimePoint body_since_{}, starved_since_{};
  Duration starved_for_{0};
  std::uint64_t body_received_ = 0;
  std::uint64_t taken_ = 0, wanted_ = 0, opened_ = 0;  // of a streaming route

  // The answer.
  std::string content_, content_type_, trailer_text_;
  std::vector<Http2Field> trailers_;
  std::size_t sent_ = 0, sendable_ = 0;  // of content_
  std::uint64_t sent_before_ = 0;        // and is no longer in content_
  bool has_head_gone_ = false, is_finished_ = false, is_draining_ = false;
  bool is_overdrawn_ = false;    // there was no memory for the last pieces
  std::size_t held_answer_ = 0;  // counted by the connection
  TimePoint moved_at_{};         // when the answer last got on
  Coding coding_ = Coding::Identity;
};

// The streams of a loop, handed out last in first out.
class Http2Streams {
 public:
  explicit Http2Streams(Station& station) : station_(station) {}
  Http2Stream& take();
  void give_back(Http2Stream& stream) { free_.push_back(&stream); }
  // Frees what a crowd has left behind. Requires: no stream is being called.
  void trim();
  bool has_surplus() const { return free_.size() > kFew; }
  void begin_watch() { count_.begin(free_.size()); }
  std::size_t drop_unused();  // since begin_watch(); bytes. Requires: as trim()

 private:
  static constexpr std::size_t kKept = 1024, kFew = 64;
  void drop(std::size_t count);

  Station& station_;
  SpareCount count_;
  std::vector<std::unique_ptr<Http2Stream>> all_;
  std::vector<Http2Stream*> free_;
};

}  // namespace slipway::net
