// GrpcStream: a call that goes on, with many messages in either direction, as a method sees it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapter/net/grpc_status.h"
#include "adapter/net/route.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "ports/loop.h"
#include "ports/predictor.h"

namespace slipway::net {

// The loop's thread only. Lives until end() was called, or the method's abandoned() was.
class GrpcStream {
 public:
  virtual ~GrpcStream() = default;
  virtual std::string_view header(std::string_view lower_name) const = 0;
  virtual const ports::Caller* as_caller() const = 0;  // none: nobody can be asked
  virtual std::string_view request_id() const = 0;
  // Of the call, counted from received_at(). When it is over the call ends by itself, and the method is abandoned.
  virtual std::optional<Duration> timeout() const = 0;
  virtual TimePoint received_at() const = 0;
  virtual std::size_t loop_index() const = 0;
  // False: the caller does not hold it, and the call has ended with UNAUTHENTICATED or PERMISSION_DENIED.
  virtual bool require(access::Permission permission) = 0;
  virtual Result<void> require_model(std::string_view model) const = 0;  // as Exchange's; the call goes on

  // A message of `size` bytes, which must be appended to the returned text; then send().
  virtual std::string& open(std::size_t size) = 0;
  virtual void send() = 0;
  virtual std::size_t unsent() const = 0;  // bytes that wait for the peer to read them
  // Counts `bytes` that the method keeps against what all bodies may hold; the last call counts. False: there is no
  // room, and the question should be refused.
  virtual bool hold(std::size_t bytes) = 0;
  // `work` on a worker, which reads nothing of the stream, then `then` on this loop, even if the stream has ended
  // meanwhile; a server that ends destroys it unrun. False: all workers are busy, and neither will run.
  virtual bool run_apart(const ports::Task& work, const ports::Task& then) {
    work();
    then();
    return true;
  }
  // While paused no message comes, and the peer's window is not opened.
  virtual void pause() = 0;
  virtual void resume() = 0;  // messages come again, from within this call too
  // Once. What was sent goes out, then the status.
  virtual void end(GrpcCode code, std::string_view message) = 0;

  void send(std::string_view message) {
    open(message.size()) += message;
    send();
  }
};

// One call of a streaming method. The stream holds it until its end.
class GrpcStreamMethod {
 public:
  virtual ~GrpcStreamMethod() = default;
  virtual void message(ByteSpan message) = 0;  // borrowed for the call
  virtual void half_closed() = 0;              // no more messages come
  virtual void drained() {}                    // less is unsent than was
  // The server stops: the call should end (Unavailable) as soon as what was asked is answered.
  virtual void server_stops() = 0;
  // The peer left or reset the stream, or its time is over. The stream must not be touched any more.
  virtual void abandoned() noexcept = 0;
};
using MakeGrpcStreamMethod = std::function<std::shared_ptr<GrpcStreamMethod>(GrpcStream&)>;

// "/package.Service/Method" as a line of the route table. gRPC-Web works too: over HTTP/1.1 the answers begin when all
// messages have come, as they do for a method whose questions are one message.
Route grpc_stream_route(std::string path, access::Permission permission, MakeGrpcStreamMethod make);

}  // namespace slipway::net
