// GrpcCall: one unary call on an Exchange: its one message out of the body, its answer, and its status.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "adapter/net/content_coding.h"
#include "adapter/net/exchange.h"
#include "adapter/net/grpc_frames.h"
#include "adapter/net/grpc_status.h"
#include "adapter/net/route.h"

namespace slipway::net {

// What a call's head says.
struct GrpcHead {
  GrpcForm form = GrpcForm::Trailers;
  Coding coding = Coding::Identity;         // of the client's messages
  Coding answer_coding = Coding::Identity;  // the same if the client accepts it, for messages worth it
  std::optional<Duration> timeout;
};
// InvalidInput: not gRPC, or gRPC over HTTP/1.1 that is not gRPC-Web, or a malformed grpc-timeout. Unimplemented: an
// encoding of messages that is not ours.
Result<GrpcHead> read_grpc_head(const Exchange& exchange);

// Reused from call to call so that a steady stream allocates nothing. The exchange's loop only.
class GrpcCall {
 public:
  // The one message of the question; borrows the exchange and this. Errors as read_grpc_head and GrpcFrames, and
  // InvalidInput for no message or more than one. `limit`: of the message.
  Result<ByteSpan> read(Exchange& exchange, Bytes limit);
  // The same in two steps: the second, with the exchange's body, may be done on another thread.
  Result<void> read_head(const Exchange& exchange);
  Result<ByteSpan> read_body(ByteSpan body, Bytes limit);
  const GrpcHead& head() const { return head_; }

  // Answers OK. `size` bytes of message must be appended to the returned text; then finish().
  std::string& open(Exchange& exchange, std::size_t size);
  void finish(Exchange& exchange);
  void reply(Exchange& exchange, std::string_view message);

  // Bytes of memory this has, besides the exchange's own.
  std::size_t held() const { return (frames_ ? frames_->held() : 0) + text_.capacity() + held_.capacity(); }
  // The call is over, answered or not, and its message is not used any more: what was enormous goes.
  void clear();

 private:
  GrpcHead head_;
  std::optional<GrpcFrames> frames_;
  std::string text_;  // of a body in base64
  std::string held_;  // an answer that is encoded before it goes out
  std::string* out_ = nullptr;
};

// What a method does: from the question's message to the answer's. Refusals are Errors.
using GrpcMethod = std::function<Result<std::string>(ByteSpan message)>;
using GrpcGuardedMethod = std::function<Result<std::string>(ByteSpan message, const Exchange& exchange)>;
using GrpcBlockingMethod = std::function<Result<std::string>(ByteSpan message, const access::Principal& caller)>;

// "/package.Service/Method" as lines of the route table. `limit`: of the question's message.
Route grpc_route(std::string path, access::Permission permission, GrpcMethod method);
Route grpc_route(std::string path, access::Permission permission, GrpcGuardedMethod method);
Route grpc_blocking_route(std::string path, access::Permission permission, GrpcBlockingMethod method,
                          Bytes limit = mebibytes(1), Work work = Work::Short);

// Denied without a token is UNAUTHENTICATED; the rest as grpc_code().
GrpcCode code_of_refusal(const Exchange& exchange, const Error& error);
// An error as the request's own protocol says it: gRPC's or HTTP's.
Reply refusal(const BlockingRequest& request, const Error& error);

}  // namespace slipway::net
