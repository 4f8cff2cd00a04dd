#include "adapter/api_oip/grpc_infer_call.h"

#include "adapter/net/error_reply.h"

namespace slipway::api_oip {

void GrpcInferCall::start(net::Exchange& exchange) {
  exchange_ = &exchange;
  lane_ = &predictor_.lane(exchange.loop_index());
  const auto request = read();
  if (!request) return failed(request.error());
  const std::size_t held = call_.held() + question_.arena().held().count;
  if (held > InferQuestion::kKeptArena.count && !exchange.hold(held)) {
    return failed(unavailable("the server's memory for requests is in use: try again"));
  }
  exchange.watch(this);
  lane_->submit(*request, *this);
}

Result<ports::PredictRequest> GrpcInferCall::read() {
  const ByteSpan message = TRY(call_.read(*exchange_, net::kDefaultBodyLimit));
  return question_.read(message, call_.head().timeout, exchange_->received_at());
}

void GrpcInferCall::answered(const ports::Prediction& prediction) noexcept {
  const auto size = question_.prepare_answer(prediction);
  if (!size) return failed(size.error());
  exchange_->watch(nullptr);
  question_.append_answer(call_.open(*exchange_, *size), prediction.served);
  call_.finish(*exchange_);
  end();
}

void GrpcInferCall::failed(const Error& error) noexcept {
  exchange_->watch(nullptr);
  net::reply_error(*exchange_, error);
  end();
}

void GrpcInferCall::abandoned() noexcept {
  lane_->cancel(*this);
  end();
}

void GrpcInferCall::end() {
  exchange_ = nullptr;
  question_.clear();
  call_.clear();
  home_.give_back(*this);
}

}  // namespace slipway::api_oip
