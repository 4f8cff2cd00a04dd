#include "adapter/api_predict/predict_call.h"

#include <algorithm>
#include <cctype>

#include "adapter/api_predict/predict_answer.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"

namespace slipway::api_predict {
namespace {

constexpr int kUnsupportedMediaType = 415;

enum class Format { Json, Csv, Other };

// "text/csv; charset=utf-8" -> Csv. Without a type, or with the one curl adds by itself, the body's first character
// tells.
Format format_of(const net::Exchange& exchange) {
  const std::string_view whole = exchange.header("content-type");
  std::string type(whole.substr(0, whole.find_first_of("; ")));
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (type == "application/json") return Format::Json;
  if (type == "text/csv") return Format::Csv;
  if (!type.empty() && type != "application/x-www-form-urlencoded" && type != "text/plain") return Format::Other;
  const std::string_view body = as_text(exchange.body());
  const std::size_t first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first == std::string_view::npos || body[first] == '{' || body[first] == '[' ? Format::Json : Format::Csv;
}

}  // namespace

void PredictCall::start(net::Exchange& exchange, ports::Predictor& predictor) {
  std::unique_ptr<PredictCall> call(new PredictCall(exchange, predictor.lane(exchange.loop_index())));
  if (format_of(exchange) == Format::Other) {
    net::reply_error(exchange,
                     invalid_input("expected Content-Type application/json or text/csv, found \"" +
                                   printable(exchange.header("content-type"), 60) + "\""),
                     kUnsupportedMediaType);
    return;
  }
  if (const auto read = call->read(predictor); !read) {
    net::reply_error(exchange, read.error());
    return;
  }
  PredictCall& waiting = *call.release();
  exchange.watch(&waiting);
  waiting.lane_.submit({.model = waiting.model_,
                        .version = waiting.version_,
                        .inputs = waiting.inputs_,
                        .outputs = {},
                        .timeout = std::nullopt,
                        .traffic = ports::Traffic::Live,
                        .priority = 0,
                        .unit_key = {},
                        .protocol = "http"},
                       waiting);
}

Result<void> PredictCall::read(const ports::Predictor& predictor) {
  const std::string_view target = exchange_.parameter(0);
  if (!is_valid_utf8(target)) {
    return invalid_input("expected a model's name in UTF-8, found \"" + printable(target, 60) + "\"");
  }
  const std::size_t colon = target.rfind(':');
  model_ = target.substr(0, colon);
  if (colon != std::string_view::npos) {
    version_ = model::parse_version(target.substr(colon + 1));
    if (!version_) {
      return not_found("model \"" + printable(model_) + "\": expected a version number after ':', found \"" +
                       printable(target.substr(colon + 1), 40) + "\"");
    }
  }
  served_ = TRY(predictor.find(model_, version_));
  plan_ = TRY(RowPlan::of(served_->manifest.signature));
  rows_.emplace(*plan_, served_->manifest.batching.max_batch);
  if (format_of(exchange_) == Format::Csv) {
    TRY(read_csv_rows(exchange_.body(), *rows_, arena_));
  } else {
    TRY(read_json_rows(exchange_.body(), *rows_, arena_));
  }
  inputs_ = TRY(rows_->finish());
  return {};
}

void PredictCall::answered(const ports::Prediction& prediction) noexcept {
  const std::unique_ptr<PredictCall> ended(this);
  exchange_.watch(nullptr);
  append_predictions(exchange_.open(200, "application/json"), prediction, rows_->rows());
  exchange_.finish();
}

void PredictCall::failed(const Error& error) noexcept {
  const std::unique_ptr<PredictCall> ended(this);
  exchange_.watch(nullptr);
  net::reply_error(exchange_, error);
}

void PredictCall::abandoned() noexcept {
  const std::unique_ptr<PredictCall> ended(this);
  lane_.cancel(*this);
}

}  // namespace slipway::api_predict
