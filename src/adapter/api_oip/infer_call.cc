#include "adapter/api_oip/infer_call.h"

#include "adapter/net/error_reply.h"

namespace slipway::api_oip {

void InferCall::start(net::Exchange& exchange, std::string_view model, std::optional<model::VersionNumber> version) {
  exchange_ = &exchange;
  lane_ = &predictor_.lane(exchange.loop_index());
  if (const auto read_body = read(model, version); !read_body) {
    failed(read_body.error());
    return;
  }
  if (arena_.held() > kKeptArena && !exchange.hold(arena_.held().count)) {
    failed(unavailable("the server's memory for requests is in use: try again"));
    return;
  }
  for (const OutputWish& wish : request_.outputs()) outputs_.push_back({wish.name});
  exchange.watch(this);
  lane_->submit({.model = model,
                 .version = version,
                 .numbering = ports::Numbering::Protocol,
                 .assigned = assigned_ ? &assigned_ : nullptr,
                 .inputs = request_.inputs(),
                 .outputs = outputs_,
                 .timeout = request_.timeout(),
                 .traffic = ports::Traffic::Live,
                 .priority = request_.priority(),
                 .unit_key = {},
                 .protocol = "http"},
                *this);
}

Result<void> InferCall::read(std::string_view model, std::optional<model::VersionNumber> version) {
  const ByteSpan body = exchange_->body();
  const std::string_view header_length = exchange_->header("inference-header-content-length");
  if (is_raw(header_length, header_length.empty() ? exchange_->header("content-type") : std::string_view())) {
    assigned_ = TRY(lane_->assign(model, version, ports::Numbering::Protocol, {}));
    const tensor::Signature& signature = assigned_->described().manifest.signature;
    return request_.read_raw(body, signature, has_batch_dimension(signature), arena_);
  }
  return request_.read(body, header_length, arena_);
}

void InferCall::answered(const ports::Prediction& prediction) noexcept {
  exchange_->watch(nullptr);
  reply_.send(*exchange_, request_, prediction, arena_);
  end();
}

void InferCall::failed(const Error& error) noexcept {
  exchange_->watch(nullptr);
  net::reply_error(*exchange_, error);
  end();
}

void InferCall::abandoned() noexcept {
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
