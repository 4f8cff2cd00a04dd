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
  send_chosen(exchange, request, prediction.served);
}

void InferReply::send_chosen(net::Exchange& exchange, const InferRequest& request, const ports::ServedModel& served) {
  if (has_binary()) {
    header_.clear();
    append_head(header_, request, served);
    append_outputs(header_);
    return send_binary(exchange);
  }
  std::string& out = exchange.open(200, "application/json");
  append_head(out, request, served);
  append_outputs(out);
  exchange.finish();
}

bool InferReply::has_binary() const {
  return std::ranges::any_of(shown_, &Shown::binary);
}

void InferReply::send_binary(net::Exchange& exchange) {
  exchange.add_header("Inference-Header-Content-Length", std::to_string(header_.size()));
  std::string& out = exchange.open(200, "application/octet-stream");
  out += header_;
  for (const Shown& shown : shown_) {
    if (shown.binary) codec::append_binary(out, shown.view);
  }
  exchange.finish();
  if (header_.capacity() > kKeptHeader) std::string().swap(header_);
}

// A number takes some ten characters, be it 0.0123456789 or 1.
std::size_t InferReply::text_size() const {
  std::size_t size = 0;
  for (const Shown& shown : shown_) {
    if (shown.binary) continue;
    const std::size_t element = tensor::element_size(shown.view.datatype);
    size += element == 0 ? shown.view.data.size() : shown.view.data.size() / element * 10;
  }
  return size;
}

std::size_t InferReply::data_size() const {
  std::size_t size = 0;
  for (const Shown& shown : shown_) size += shown.view.data.size();
  return size;
}

void InferReply::begin(const InferRequest& request, const ports::ServedModel& served, codec::Arena& arena) {
  is_written_ = false;
  header_.clear();
  append_head(header_, request, served);
  for (Shown& shown : shown_) {
    shown.view.name = arena.copy(shown.view.name);
    shown.view.data = as_bytes(arena.copy(as_text(shown.view.data)));
  }
}

void InferReply::write() {
  header_.reserve(header_.size() + text_size());
  append_outputs(header_);
  is_written_ = true;
}

void InferReply::send_written(net::Exchange& exchange) {
  if (!is_written_) {
    net::reply_error(exchange, internal_error("the answer could not be written; the server's log says why"));
  } else if (has_binary()) {
    send_binary(exchange);
  } else {
    exchange.reply(200, "application/json", header_);
  }
  std::string().swap(header_);
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

void InferReply::append_head(std::string& out, const InferRequest& request, const ports::ServedModel& served) const {
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
}

void InferReply::append_outputs(std::string& out) const {
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
