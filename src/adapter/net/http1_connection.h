// Http1Connection: one peer speaking HTTP/1.1, and the Exchange of the request it is at.
#pragma once

#include <cstdint>
#include <string>

#include "adapter/net/byte_stream.h"
#include "adapter/net/connection.h"
#include "adapter/net/http1_head.h"
#include "adapter/net/http_exchange.h"
#include "adapter/net/request_body.h"
#include "adapter/net/station.h"

namespace slipway::net {

// Owned by its loop and recycled for the next peer; the loop's thread only. Reads one request, hands it to its route's
// handler, writes the answer, goes on with the next: pipelined requests are answered in order.
//
//   phase       means                                        next
//   Idle        no connection                                Head
//   Head        between requests, or within a head           Body, Answering, Discarding, Lingering, Closed
//   Body        reading the body for the handler             Answering, Discarding, Lingering, Closed
//   Answering   the handler has the request                  Head, Discarding, Lingering, Closed
//   Discarding  answered; the rest of a small body is read   Head, Closed
//   Lingering   answered for the last time; reading so that  Closed
//               the peer gets the answer and not a reset
//   Closed      waiting to be recycled                       Idle
//   Leaving     the peer speaks HTTP/2: in Station::upgraded  Idle
class Http1Connection final : public HttpExchange, public Connection {
 public:
  enum class Phase : std::uint8_t { Idle, Head, Body, Answering, Discarding, Lingering, Closed, Leaving };

  explicit Http1Connection(Station& station);
  ~Http1Connection() override;

  // Life, driven by the loop. `stream` is borrowed until recycle().
  void begin(ByteStream& stream, Peer peer);
  void on_ready(bool is_readable, bool is_writable, bool has_hung_up) override;
  void resume() override;
  void flush() override;
  void leave_if_unanswered() override;
  void on_alarm(TimePoint at) override;
  void begin_drain() override;
  void close() override;
  bool is_closed() const override { return phase_ == Phase::Closed; }
  bool can_be_recycled() const override { return is_closed() && !is_orphan_; }
  void recycle() override;
  Phase phase() const { return phase_; }
  // Of a connection that is Leaving: what the next one begins with. Then recycle().
  ByteStream& stream() { return *stream_; }
  Peer take_peer() { return std::move(peer_); }
  ByteSpan first_bytes() const;
  bool has_hung_up() const { return has_hung_up_ || has_ended_; }

  void body_wanted(BlockingExchange& from) override;

  // Exchange.
  std::string& open(int status, std::string_view content_type) override;
  void finish() override;

  // StreamingExchange: pieces go out as chunks (http1_pieces.cc).
  void send() override;
  void break_off() override;
  std::size_t unsent() const override { return out_.size() - sent_; }
  void wake_at(TimePoint at) override;

 private:
  static constexpr int kReadsPerTurn = 4;               // then the other connections of the tick get theirs
  static constexpr std::size_t kMostOutput = 64 << 10;  // undelivered answers; above it no further request is begun
  static constexpr std::string_view kEmptyLengthField =
      "\r\nContent-Length:            \r\n\r\n";  // ends a line, and a head

  // http1_connection.cc: events and phases.
  void pump();
  bool wants_input() const;
  bool read_some();
  bool needs_handshake() const;
  bool has_left_handshake() const { return has_hung_up_ && !has_shaken_; }
  void end_handshake();
  MutableByteSpan input_room();
  void process();
  bool take_head();
  bool is_http2() const;
  bool leave_to_http2();
  bool hang_up();
  bool take_body();
  bool take_in_place_body();
  bool discard_body();
  void release_input();
  void make_room(std::size_t at_least);
  bool has_output() const { return sent_ < out_.size(); }
  bool has_backlog() const { return out_.size() - sent_ >= kMostOutput; }
  char* request_bytes() const { return in_.bytes.get() + begin_; }

  // http1_ending.cc, with flush(), begin_drain() and close().
  void after_end_of_input();
  void start_lingering();
  bool hold_output();
  void release_held();
  void give_back_output();

  // http1_request.cc: from a head to its handler.
  bool begin_request();
  void begin_body(Coding coding);
  bool body_ended();
  void refuse(const Refusal& refusal, Trouble trouble);
  void before_answer() override;
  bool is_forsaken() const override { return is_orphan_; }
  std::uint64_t unread_body() const;

  // http1_answer.cc: the answer, in place.
  void append_head(int status, std::string_view content_type);
  void take_back_answer() override;
  void encode_answer();
  void give_up_answer();
  void conclude();
  void send_continue();

  // http1_pieces.cc: while is_chunked_, what may be sent ends at answer_at_, where the next chunk's size will stand.
  void begin_chunks();
  void begin_chunk();
  void end_chunk();
  void end_chunks();
  void forget_sent();
  void tell_drained();

  // http1_deadlines.cc.
  TimePoint next_deadline() const;
  void arm();
  void expire();
  void starve();
  void feed_again();
  TimePoint body_deadline() const;

  ByteStream* stream_ = nullptr;
  Peer peer_;
  Phase phase_ = Phase::Idle;

  // Input: in_.bytes[begin_, size_); what lies before cursor_ is used up (from the end of the head on).
  InputBlocks::Block in_;
  std::size_t begin_ = 0, cursor_ = 0, size_ = 0;
  HeadParser parser_;
  bool has_begun_ = false;      // a request was read
  std::size_t turn_bytes_ = 0;  // read in this turn
  bool has_hung_up_ = false;
  bool has_ended_ = false;  // the peer's end was read
  bool is_processing_ = false;

  // The request's body.
  bool body_in_place_ = false, body_complete_ = true;
  std::uint64_t discarded_ = 0;

  // The answer.
  std::string out_;
  std::size_t held_output_ = 0;  // drawn on the budget of answers
  std::uint64_t all_sent_ = 0;   // since ever
  std::size_t sent_ = 0, answer_at_ = 0, length_at_ = 0, content_at_ = 0;
  bool keeps_alive_ = true;
  bool closes_after_flush_ = false, lingers_ = false;
  bool is_chunked_ = false, is_draining_ = false, has_drained_ = false;
  std::uint64_t chunk_bytes_ = 0;
  bool is_orphan_ = false;  // closed while a handler that does not watch still holds the exchange

  // Time.
  TimePoint idle_since_{}, head_since_{}, body_since_{}, starved_since_{}, blocked_since_{};
  Duration starved_for_{0};
  std::uint64_t body_received_ = 0;
  enum class Agreed : std::uint8_t { Nothing, Http1, Http2 };
  Agreed agreed_ = Agreed::Nothing;                   // by TLS
  bool is_handshaking_ = false, has_shaken_ = false;  // a step of it was taken
  bool has_partial_head_ = false, is_starved_ = false, is_blocked_ = false;
};

}  // namespace slipway::net
