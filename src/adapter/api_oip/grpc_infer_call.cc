#include "adapter/api_oip/grpc_infer_call.h"

#include <memory>
#include <utility>

#include "adapter/net/error_reply.h"

namespace slipway::api_oip {
namespace {

constexpr std::size_t kLongestCompressedOnLoop = 4 << 10;  // may become a hundred times as much, or a mebibyte

}  // namespace

void GrpcInferCall::start(net::Exchange& exchange) {
  exchange_ = &exchange;
  lane_ = &predictor_.lane(exchange.loop_index());
  if (const auto head = call_.read_head(exchange); !head) return failed(head.error());
  is_long(exchange.body()) ? read_aside() : proceed(read(exchange.body(), exchange.received_at()));
}

bool GrpcInferCall::is_long(ByteSpan body) const {
  const bool is_compressed = call_.head().coding != net::Coding::Identity;
  if (body.size() <= (is_compressed ? kLongestCompressedOnLoop : net::kLongestTextOnLoop)) return false;
  if (is_compressed || call_.head().form == net::GrpcForm::WebText) return true;
  return is_long_list(body.subspan(net::kGrpcPrefix));
}

Result<void> GrpcInferCall::read(ByteSpan body, TimePoint received_at) {
  const ByteSpan message = TRY(call_.read_body(body, net::kDefaultBodyLimit));
  request_ = TRY(question_.read(message, call_.head().timeout, received_at));
  return {};
}

// If the server ends meanwhile, nobody takes the call back: then it goes with what was put aside.
void GrpcInferCall::read_aside() {
  is_aside_ = true;
  read_ = internal_error("the request could not be read; the server's log says why");
  exchange_->watch(this);
  const auto self = std::make_shared<std::unique_ptr<GrpcInferCall>>(this);
  const auto work = [self, body = exchange_->body(), at = exchange_->received_at()] {
    (*self)->read_ = (*self)->read(body, at);
  };
  if (exchange_->run_aside(work, [self] { self->release()->back_from_aside(); })) return;
  static_cast<void>(self->release());
  is_aside_ = false;
  failed(overloaded("all workers are busy and their queue is full: try again"));
}

void GrpcInferCall::back_from_aside() {
  is_aside_ = false;
  if (exchange_ == nullptr) return end();
  proceed(std::exchange(read_, {}));
}

void GrpcInferCall::proceed(const Result<void>& read) {
  if (!read) return failed(read.error());
  if (const auto may = exchange_->require_model(request_.model); !may) return failed(may.error());
  const std::size_t held = call_.held() + question_.arena().held().count;
  if (held > InferQuestion::kKeptArena.count && !exchange_->hold(held)) {
    return failed(unavailable("the server's memory for requests is in use: try again"));
  }
  exchange_->watch(this);
  request_.caller = exchange_;
  request_.request_id = exchange_->request_id();
  lane_->submit(request_, *this);
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
  if (is_aside_) {
    exchange_ = nullptr;  // it ends when the worker has
    return;
  }
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
