#include "adapter/api_oip/infer_reply.h"

#include <algorithm>

#include "adapter/codec/binary_tensor.h"
#include "adapter/codec/classification.h"
#include "adapter/codec/json_tensor.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

// A call that answered something enormous does not keep it.
constexpr std::size_t kKeptHeader = 64 * 1024;

}  // namespace

void InferReply::send(net::Exchange& exchange, const InferRequest& request, const ports::Prediction& prediction,
                      codec::Arena& arena) {
  if (const auto chosen = choose(request, prediction, arena); !chosen) {
    net::reply_error(exchange, chosen.error());
    return;
  }
  const bool binary = std::ranges::any_of(shown_, &Shown::binary);
  if (!binary) {
    append_json(exchange.open(200, "application/json"), request, prediction.served);
    exchange.finish();
    return;
  }
  header_.clear();
  append_json(header_, request, prediction.served);
  exchange.add_header("Inference-Header-Content-Length", std::to_string(header_.size()));
  std::string& out = exchange.open(200, "application/octet-stream");
  out += header_;
  for (const Shown& shown : shown_) {
    if (shown.binary) codec::append_binary(out, shown.view);
  }
  exchange.finish();
  if (header_.capacity() > kKeptHeader) std::string().swap(header_);
}

Result<void> InferReply::choose(const InferRequest& request, const ports::Prediction& prediction, codec::Arena& arena) {
  shown_.clear();
  const std::vector<OutputWish>& wishes = request.outputs();
  for (std::size_t i = 0; i < prediction.outputs.size(); ++i) {
    Shown shown{.view = prediction.outputs[i], .binary = request.binary_outputs()};
    if (!wishes.empty()) {
      shown.binary = wishes[i].binary.value_or(shown.binary);
      if (wishes[i].classes > 0) {
        const tensor::Signature& signature = prediction.served.manifest.signature;
        const codec::Classes classes{.count = wishes[i].classes,
                                     .rows = has_batch_dimension(signature),
                                     .labels = signature.outputs[prediction.output_indices[i]].labels};
        shown.view = TRY(codec::classify(shown.view, classes, arena));
      }
    }
    shown_.push_back(shown);
  }
  return {};
}

void InferReply::append_json(std::string& out, const InferRequest& request, const ports::ServedModel& served) const {
  out += '{';
  if (request.id()) {
    out += "\"id\":";
    append_json_string(out, *request.id());
    out += ',';
  }
  out += "\"model_name\":";
  append_json_string(out, served.name.text());
  out += ",\"model_version\":\"";
  out += served.protocol_version_text;
  out += "\",\"outputs\":[";
  for (const Shown& shown : shown_) {
    if (&shown != shown_.data()) out += ',';
    out += "{\"name\":";
    append_json_string(out, shown.view.name);
    out += ",\"datatype\":\"";
    out += name_of(shown.view.datatype);
    out += "\",\"shape\":";
    codec::append_json_shape(out, shown.view.shape);
    if (shown.binary) {
      out += ",\"parameters\":{\"binary_data_size\":" + std::to_string(shown.view.data.size()) + "}}";
      continue;
    }
    out += ",\"data\":";
    codec::append_json_elements(out, shown.view);
    out += '}';
  }
  out += "]}";
}

}  // namespace slipway::api_oip
