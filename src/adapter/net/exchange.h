// Exchange: one request and its one answer, as the handlers of inline routes see it, whatever the protocol version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/access/scope.h"
#include "ports/loop.h"
#include "ports/predictor.h"

namespace slipway::net {

enum class Method : std::uint8_t { Get, Head, Post, Put, Delete, Patch, Options, Other };
std::string_view name_of(Method method);

// Told when the peer went away before the answer. After it the exchange must not be touched.
class Abandonment {
 public:
  virtual ~Abandonment() = default;
  virtual void abandoned() noexcept = 0;
};

// Readable bytes past the end of Exchange::body(), so that SIMD parsers need no copy.
inline constexpr std::size_t kBodyPadding = 64;

// Texts longer than this are parsed and written on a worker: on the loop everybody else would wait for a millisecond
// and more.
inline constexpr std::size_t kLongestTextOnLoop = 256 << 10;

// What an API of another form than ours answers an error with, as JSON.
using ErrorBody = std::string (*)(const Error& error, int status);

// Lives on one event loop's thread, from the complete request until its answer or the peer's leaving. A handler answers
// before it returns, or keeps the reference and answers later on the same loop; exactly once either way.
class Exchange : public ports::Caller {
 public:
  ~Exchange() override = default;

  // The request. Views live until the answer is finished.
  virtual Method method() const = 0;
  virtual std::string_view path() const = 0;                        // percent-decoded once, without the query
  virtual std::string_view parameter(std::size_t index) const = 0;  // the route pattern's {…} parts, in order
  virtual ByteSpan body() const = 0;  // decoded (gzip, deflate); kBodyPadding readable bytes follow
  // Denied if the caller is limited to other models: for a route that says which one it means in its body
  // (Route::handler_checks_models), before anything else is told of it.
  virtual Result<void> require_model(std::string_view model) const { return access::check_model(principal(), model); }
  virtual std::string_view request_id() const = 0;
  virtual TimePoint received_at() const = 0;  // when the request's last byte was read
  virtual std::size_t loop_index() const = 0;
  virtual ErrorBody error_body() const { return nullptr; }  // of its route; none: ours

  // Counts `bytes` that the handler keeps for this request against what all bodies may hold, until the answer is
  // finished; the last call counts. False: there is no room, and the answer should be Unavailable.
  virtual bool hold(std::size_t /*bytes*/) { return true; }

  // Nothing reads the body any more, and no view into it is left: its memory goes now, with what it draws on the budget
  // of bodies, and not with the answer.
  virtual void release_body() {}

  // `work` on a worker, then `then` on this loop; both at once, before this returns, when the body is short. The body
  // stays good for `work` even if the peer leaves meanwhile, everything else of the exchange does not. `then` runs also
  // if `work` threw; a server that ends destroys it unrun. False: all workers are busy, and neither will run.
  virtual bool run_aside(const ports::Task& work, const ports::Task& then) {
    work();
    then();
    return true;
  }

  // The same for `work` that reads nothing of the exchange, and goes to a worker whatever the body is.
  virtual bool run_apart(const ports::Task& work, const ports::Task& then) {
    work();
    then();
    return true;
  }

  // Asks to be told if the peer leaves; nullptr to stop.
  virtual void watch(Abandonment* watcher) = 0;

  // Opens the answer. Text appended to the returned buffer becomes the body, written in place without a copy; the
  // buffer already holds the head and other answers: append only. Then finish(). No other exchange of the same loop may
  // be opened in between.
  virtual std::string& open(int status, std::string_view content_type) = 0;
  virtual void add_header(std::string_view name, std::string_view value) = 0;  // before open()
  // Fields after the body, for gRPC: between open() and finish(). HTTP/1.1 sends none (false), and then there is
  // nothing to add. A body that stays empty ends with the head's fields: add_header() before open() makes a
  // trailers-only answer.
  virtual bool has_trailers() const { return false; }
  virtual void add_trailer(std::string_view /*name*/, std::string_view /*value*/) {}
  virtual void finish() = 0;

  // open + append + finish.
  void reply(int status, std::string_view content_type, std::string_view body) {
    open(status, content_type).append(body);
    finish();
  }
};

// Told what happens to a streaming exchange: on its loop, and never from within a call to the exchange. abandoned()
// also when the body cannot be read on (then the server answers by itself, or resets a stream that was answered in
// part).
class StreamListener : public Abandonment {
 public:
  virtual void body_grew() noexcept = 0;       // more of it is there, or its end
  virtual void output_drained() noexcept = 0;  // unsent() was kStreamAhead or more, and is less now
  virtual void overdue() noexcept {}           // the time of wake_at() has come
  // The server drains, and the peer knows: what would go on without end should end.
  virtual void server_stops() noexcept {}
};

// What a handler may have unsent, and a peer may have sent unasked, of one streaming exchange.
inline constexpr std::size_t kStreamAhead = 64 << 10;

// The exchange of a streaming route: its handler is called with the head alone, then takes the body and gives the
// answer in pieces, in any order (gRPC's streaming calls). A handler that returns without having finished must have
// called listen(). HTTP/1.1 reads the whole body before, and sends the pieces as chunks; HTTP/1.0 all with finish().
class StreamingExchange : public Exchange {
 public:
  virtual void listen(StreamListener& listener) = 0;

  // body() is what has come and was not dropped; contiguous, and good until the next call or return to the loop.
  virtual bool has_whole_body() const = 0;
  virtual void drop_body(std::size_t count) = 0;  // the first `count` bytes are used up
  // The handler needs `count` bytes in body() before it can go on, at most the route's body limit. Windows open so far.
  virtual void want_body(std::size_t count) = 0;

  // After open(): what was appended to its buffer so far may go out. Not needed before finish().
  virtual void send() = 0;
  virtual std::size_t unsent() const = 0;
  // After send(), instead of finish(): the answer cannot be completed, and the peer sees that it is not whole.
  virtual void break_off() = 0;

  // The listener is told then, unless the answer is finished before; the last call counts.
  virtual void wake_at(TimePoint at) = 0;
};

}  // namespace slipway::net
