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

// One event loop's thread. Answers its exchange exactly once, or withdraws from the lane when the peer leaves or resets
// the stream; then it goes back to its pool.
class GrpcInferCall final : public ports::Completion, public net::Abandonment {
 public:
  GrpcInferCall(ports::Predictor& predictor, GrpcInferCalls& home) : predictor_(predictor), home_(home) {}

  // Reads the request and submits it. The call may be over, and reused, when this returns.
  void start(net::Exchange& exchange);

  void answered(const ports::Prediction& prediction) noexcept override;
  void failed(const Error& error) noexcept override;
  void abandoned() noexcept override;

 private:
  Result<ports::PredictRequest> read();
  void end();

  ports::Predictor& predictor_;
  GrpcInferCalls& home_;
  net::Exchange* exchange_ = nullptr;
  ports::Lane* lane_ = nullptr;
  net::GrpcCall call_;
  InferQuestion question_;
};

}  // namespace slipway::api_oip
