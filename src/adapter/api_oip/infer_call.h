// InferCall: one infer request on its way through a lane, from its body to its answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "adapter/api_oip/call_pool.h"
#include "adapter/api_oip/infer_reply.h"
#include "adapter/api_oip/infer_request.h"
#include "adapter/codec/arena.h"
#include "adapter/net/exchange.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

class InferCall;
using InferCalls = CallPool<InferCall>;

// One event loop's thread, but a long text is read or written on a worker. Answers its exchange exactly once, or
// withdraws from the lane when the peer leaves; then it goes back to its pool.
class InferCall final : public ports::Completion, public net::Abandonment {
 public:
  InferCall(ports::Predictor& predictor, InferCalls& home) : predictor_(predictor), home_(home) {}

  // Reads the request and submits it. The call may be over, and reused, when this returns.
  void start(net::Exchange& exchange, std::string_view model, std::optional<model::VersionNumber> version);

  void answered(const ports::Prediction& prediction) noexcept override;
  void failed(const Error& error) noexcept override;
  void abandoned() noexcept override;

 private:
  Result<void> read();
  void read_aside(std::string_view header_length);
  void back_from_aside();
  void write_aside(const ports::ServedModel& served);
  void back_from_writing();
  void proceed(const Result<void>& read);
  void end();

  ports::Predictor& predictor_;
  InferCalls& home_;
  net::Exchange* exchange_ = nullptr;
  ports::Lane* lane_ = nullptr;
  std::string_view model_;
  std::optional<model::VersionNumber> version_;
  Result<void> read_;      // what came of it on a worker
  bool is_aside_ = false;  // a worker reads the request or writes the answer: nothing else may
  static constexpr Bytes kKeptArena = kibibytes(256);  // more counts against the memory for requests
  codec::Arena arena_{kKeptArena};
  ports::Assignment assigned_;  // of a raw request, which only its version's signature can read; else none
  InferRequest request_;
  InferReply reply_;
  std::vector<ports::RequestedOutput> outputs_;
};

}  // namespace slipway::api_oip
