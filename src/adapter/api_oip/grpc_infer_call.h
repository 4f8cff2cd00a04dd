// GrpcInferCall: one unary ModelInfer on its way through a lane, from its body to its answer.
#pragma once

#include "adapter/api_oip/call_pool.h"
#include "adapter/api_oip/infer_question.h"
#include "adapter/net/exchange.h"
#include "adapter/net/grpc_call.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

class GrpcInferCall;
using GrpcInferCalls = CallPool<GrpcInferCall>;

// One event loop's thread, but what is long to read is read on a worker. Answers its exchange exactly once, or
// withdraws from the lane when the peer leaves or resets the stream; then it goes back to its pool.
class GrpcInferCall final : public ports::Completion, public net::Abandonment {
 public:
  GrpcInferCall(ports::Predictor& predictor, GrpcInferCalls& home) : predictor_(predictor), home_(home) {}

  // Reads the request and submits it. The call may be over, and reused, when this returns.
  void start(net::Exchange& exchange);

  void answered(const ports::Prediction& prediction) noexcept override;
  void failed(const Error& error) noexcept override;
  void abandoned() noexcept override;

 private:
  bool is_long(ByteSpan body) const;
  Result<void> read(ByteSpan body, TimePoint received_at);
  void read_aside();
  void back_from_aside();
  void proceed(const Result<void>& read);
  void end();

  ports::Predictor& predictor_;
  GrpcInferCalls& home_;
  net::Exchange* exchange_ = nullptr;
  ports::Lane* lane_ = nullptr;
  net::GrpcCall call_;
  InferQuestion question_;
  ports::PredictRequest request_;
  Result<void> read_;      // what came of it on a worker
  bool is_aside_ = false;  // a worker reads the request: nothing else may
};

}  // namespace slipway::api_oip
