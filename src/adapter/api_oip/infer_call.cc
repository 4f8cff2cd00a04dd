#include "adapter/api_oip/infer_call.h"

#include <memory>
#include <utility>

#include "adapter/net/error_reply.h"

namespace slipway::api_oip {
namespace {

constexpr std::size_t kWorthReleasing = 64 << 10;  // of a body

}  // namespace

void InferCall::start(net::Exchange& exchange, std::string_view model, std::optional<model::VersionNumber> version) {
  exchange_ = &exchange;
  lane_ = &predictor_.lane(exchange.loop_index());
  model_ = model;
  version_ = version;
  if (exchange.body().size() <= net::kLongestTextOnLoop) return proceed(read());
  const std::string_view header_length = exchange.header("inference-header-content-length");
  const bool is_text = !is_raw(header_length, exchange.header("content-type")) &&
                       text_size(exchange.body(), header_length) > net::kLongestTextOnLoop;
  is_text ? read_aside(header_length) : proceed(read());
}

Result<void> InferCall::read() {
  const ByteSpan body = exchange_->body();
  const std::string_view header_length = exchange_->header("inference-header-content-length");
  if (is_raw(header_length, header_length.empty() ? exchange_->header("content-type") : std::string_view())) {
    assigned_ = TRY(lane_->assign({.model = model_,
                                   .version = version_,
                                   .numbering = ports::Numbering::Protocol,
                                   .inputs = {},
                                   .outputs = {},
                                   .unit_key = {},
                                   .unit_parameter = {},
                                   .caller = exchange_,
                                   .request_id = {},
                                   .protocol = {}}));
    const tensor::Signature& signature = assigned_->described().manifest.signature;
    return request_.read_raw(body, signature, has_batch_dimension(signature), arena_);
  }
  return request_.read(body, header_length, arena_);
}

// If the server ends meanwhile, nobody takes the call back: then it goes with what was put aside.
void InferCall::read_aside(std::string_view header_length) {
  is_aside_ = true;
  read_ = internal_error("the request could not be read; the server's log says why");
  exchange_->watch(this);
  const auto self = std::make_shared<std::unique_ptr<InferCall>>(this);
  const auto work = [self, body = exchange_->body(), length = std::string(header_length)] {
    InferCall& call = **self;
    call.read_ = call.request_.read(body, length, call.arena_);
  };
  if (exchange_->run_aside(work, [self] { self->release()->back_from_aside(); })) return;
  static_cast<void>(self->release());
  is_aside_ = false;
  failed(overloaded("all workers are busy and their queue is full: try again"));
}

void InferCall::back_from_aside() {
  is_aside_ = false;
  if (exchange_ == nullptr) return end();
  proceed(std::exchange(read_, {}));
}

void InferCall::proceed(const Result<void>& read) {
  if (!read) return failed(read.error());
  // A slow version's queue would hold the bodies of all who wait, of which only the tensors are needed.
  if (exchange_->body().size() > kWorthReleasing && request_.leave(exchange_->body(), arena_))
    exchange_->release_body();
  if (arena_.held() > kKeptArena && !exchange_->hold(arena_.held().count)) {
    return failed(unavailable("the server's memory for requests is in use: try again"));
  }
  for (const OutputWish& wish : request_.outputs()) outputs_.push_back({wish.name});
  exchange_->watch(this);
  lane_->submit({.model = model_,
                 .version = version_,
                 .numbering = ports::Numbering::Protocol,
                 .assigned = assigned_ ? &assigned_ : nullptr,
                 .inputs = request_.inputs(),
                 .outputs = outputs_,
                 .timeout = request_.timeout(),
                 .received_at = exchange_->received_at(),
                 .traffic = ports::Traffic::Live,
                 .priority = request_.priority(),
                 .unit_key = {},
                 .unit_parameter = request_.unit(),
                 .caller = exchange_,
                 .request_id = exchange_->request_id(),
                 .protocol = "http"},
                *this);
}

void InferCall::answered(const ports::Prediction& prediction) noexcept {
  if (const auto chosen = reply_.choose(request_, prediction, arena_); !chosen) return failed(chosen.error());
  if (reply_.is_long()) return write_aside(prediction.served);
  exchange_->watch(nullptr);
  reply_.send_chosen(*exchange_, request_, prediction.served);
  end();
}

// The outputs are the lane's only until this returns. As with what is read aside, the call goes if the server ends.
void InferCall::write_aside(const ports::ServedModel& served) {
  if (!exchange_->hold(arena_.held().count + reply_.data_size() + reply_.text_size())) {
    return failed(unavailable("the server's memory for requests is in use: try again"));
  }
  is_aside_ = true;
  reply_.begin(request_, served, arena_);
  const auto self = std::make_shared<std::unique_ptr<InferCall>>(this);
  const auto work = [self] { (*self)->reply_.write(); };
  if (exchange_->run_apart(work, [self] { self->release()->back_from_writing(); })) return;
  static_cast<void>(self->release());
  is_aside_ = false;
  failed(overloaded("all workers are busy and their queue is full: try again"));
}

void InferCall::back_from_writing() {
  is_aside_ = false;
  if (exchange_ == nullptr) return end();
  exchange_->watch(nullptr);
  reply_.send_written(*exchange_);
  end();
}

void InferCall::failed(const Error& error) noexcept {
  exchange_->watch(nullptr);
  net::reply_error(*exchange_, error);
  end();
}

void InferCall::abandoned() noexcept {
  if (is_aside_) {
    exchange_ = nullptr;  // it ends when the worker has
    return;
  }
  lane_->cancel(*this);
  end();
}

void InferCall::end() {
  exchange_ = nullptr;
  request_.clear();
  outputs_.clear();
  assigned_.reset();
  arena_.reset();
  home_.give_back(*this);
}

}  // namespace slipway::api_oip
