// Http2Session: frames, HPACK, streams and windows of one connection, by nghttp2; what is done with them is not here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "adapter/net/http2_memory.h"
#include "adapter/net/http2_opened.h"
#include "adapter/net/server.h"
#include "base/bytes.h"

struct nghttp2_session;

namespace slipway::net {

class Http2Stream;

// RFC 9113, 7: those we send.
enum class Http2Code : std::uint32_t {
  NoError = 0,
  ProtocolError = 1,
  InternalError = 2,
  RefusedStream = 7,
  Cancel = 8,
  EnhanceYourCalm = 11
};

struct Http2Field {
  std::string_view name, value;  // the name in lower case
  bool changes = false;          // differs in each answer: not worth a place in the table
  bool stays = false;            // the name is there as long as the program
};

// What the session tells, from within feed() and pull(). A stream is the pointer that begin_stream() gave.
class Http2Events {
 public:
  virtual ~Http2Events() = default;
  virtual Http2Stream* begin_stream(std::int32_t id) = 0;  // a head begins
  virtual void field(Http2Stream& stream, std::string_view name, std::string_view value) = 0;
  virtual void head_ended(Http2Stream& stream, bool is_last) = 0;  // is_last: no body follows
  virtual void data(Http2Stream& stream, ByteSpan bytes) = 0;
  virtual void input_ended(Http2Stream& stream) = 0;
  virtual void stream_closed(Http2Stream& stream, std::uint32_t code) = 0;
  virtual void cheap_frame() = 0;                       // that cost its sender nothing
  virtual void passed_over(std::size_t kibibytes) = 0;  // of frames that nobody was told of
  // A head, or trailers: so many bytes were sent of it, and so many came out.
  virtual void head_read(std::size_t sent, std::size_t read) = 0;
  virtual void settled() = 0;  // the peer's first SETTINGS came
  virtual void ping_answered() = 0;
  virtual void last_frame_sent(Http2Stream& stream) = 0;  // with END_STREAM

  // Answers' content: how much could be sent now, and whether it is the last.
  struct Ready {
    std::size_t size;
    bool is_last;
    std::span<const Http2Field> trailers;
  };
  virtual Ready ready(Http2Stream& stream) = 0;
  virtual void append_content(Http2Stream& stream, std::size_t size, std::string& out) = 0;
};

// Owned by a connection; the loop's thread only. Memory comes from the loop's Http2Memory.
class Http2Session {
 public:
  Http2Session(Http2Events& events, Http2Memory& memory, const Limits& limits);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // False: the peer broke the protocol, or a budget; what tells it why is in the output, and nothing more is read.
  bool feed(ByteSpan bytes);
  // Appends frames to `out` until it holds `most` bytes or more, or there are none.
  void pull(std::string& out, std::size_t most);
  // The content that goes on, or would, with the byte after those that were fed last; of a stream that is open.
  struct Coming {
    Http2Stream* stream = nullptr;  // none: something else, or not known
    std::size_t left = 0;           // of the frame; 0: it has ended, and others like it may follow
    std::size_t frame = 0;          // its whole length
    bool is_last = false;           // END_STREAM
  };
  Coming coming() const;
  bool has_output() const;
  bool was_flooded() const { return was_flooded_; }
  bool is_over() const;  // no stream is left and none can come

  // On a stream of the peer's. Without content the head is the last frame.
  void answer(std::int32_t id, Http2Stream& stream, std::span<const Http2Field> head, bool has_content);
  void say_continue(std::int32_t id);
  void content_is_ready(std::int32_t id);
  void reset(std::int32_t id, Http2Code code);
  // `count` bytes of content need no room any more: windows open.
  void consumed_of_connection(std::size_t count);
  void consumed_of_stream(std::int32_t id, std::size_t count);

  std::size_t open_window() const;  // of content that the peer would take: of all streams, and at most of a new one

  // Draining, in two steps: no new streams, please; then, once that was read, none are taken.
  void announce_shutdown();
  void shut_down();
  void end(Http2Code code);  // GOAWAY at once
  std::int32_t last_stream() const;

 private:
  struct Callbacks;
  friend struct Callbacks;

  Http2Events& events_;
  nghttp2_session* session_ = nullptr;
  std::string* out_ = nullptr;  // of the pull() that is going on
  std::size_t most_ = 0;        // the same
  bool is_dead_ = false;        // no frame can be made any more: memory ran out
  bool is_broken_ = false, was_flooded_ = false;
  bool is_table_changed_ = false;    // by the peer: the next head has to begin with its size
  bool is_before_trailers_ = false;  // the content that is being sent is the last
  std::uint32_t answers_ = 0;
  // The last frame, if it is of content without padding, and what is known to have come of it.
  struct Frame {
    std::int32_t stream = 0;  // none
    std::size_t length = 0, left = 0;
    bool is_last = false;
  };
  Frame frame_;
  const std::uint8_t* told_to_ = nullptr;        // of what is fed: the content that was told ends there
  bool is_at_end_ = false;                       // of what was fed: so frame_.left is what comes
  std::size_t block_sent_ = 0, block_read_ = 0;  // of the head that comes
  std::int64_t unaccounted_ = -24;               // bytes of no frame that was begun; the preface is none
  OpenedStreams opened_;
};

}  // namespace slipway::net
