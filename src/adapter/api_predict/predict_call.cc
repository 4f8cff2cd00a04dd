#include "adapter/api_predict/predict_call.h"

#include <algorithm>
#include <cctype>

#include "adapter/api_predict/predict_answer.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"

namespace slipway::api_predict {
namespace {

constexpr int kUnsupportedMediaType = 415;
constexpr Bytes kLargestAnswer = mebibytes(64);  // of a request in parts: it is kept until the last one is there
constexpr Bytes kFreeMemory = kibibytes(256);    // more counts against the memory for requests, in steps of as much

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

PredictCall::PredictCall(net::Exchange& exchange, ports::Lane& lane)
    : exchange_(exchange), lane_(lane), is_csv_(format_of(exchange) == Format::Csv), body_(exchange.body()) {
  for (Part& part : parts_) part.call = this;
}

void PredictCall::start(net::Exchange& exchange, ports::Predictor& predictor) {
  if (format_of(exchange) == Format::Other) {
    net::reply_error(exchange,
                     invalid_input("expected Content-Type application/json or text/csv, found \"" +
                                   printable(exchange.header("content-type"), 60) + "\""),
                     kUnsupportedMediaType);
    return;
  }
  std::unique_ptr<PredictCall> call(new PredictCall(exchange, predictor.lane(exchange.loop_index())));
  if (const auto assigned = call->assign(); !assigned) return net::reply_error(exchange, assigned.error());
  if (call->body_.size() > net::kLongestTextOnLoop) return read_aside(std::move(call));
  const Result<void> read = call->read_rows();
  go_on(std::move(call), read);
}

// If the server ends meanwhile, the call goes with what was put aside.
void PredictCall::read_aside(std::unique_ptr<PredictCall> call) {
  net::Exchange& exchange = call->exchange_;
  call->is_aside_ = true;
  call->read_ = internal_error("the request could not be read; the server's log says why");
  exchange.watch(call.get());
  const auto held = std::make_shared<std::unique_ptr<PredictCall>>(std::move(call));
  const auto then = [held] {
    std::unique_ptr<PredictCall> back = std::move(*held);
    if (back->was_abandoned_) return;
    back->is_aside_ = false;
    back->exchange_.watch(nullptr);
    const Result<void> read = std::move(back->read_);
    go_on(std::move(back), read);
  };
  if (exchange.run_aside([held] { (*held)->read_ = (*held)->read_rows(); }, then)) return;
  exchange.watch(nullptr);
  net::reply_error(exchange, overloaded("all workers are busy and their queue is full: try again"));
}

void PredictCall::go_on(std::unique_ptr<PredictCall> call, const Result<void>& read) {
  net::Exchange& exchange = call->exchange_;
  if (!read) return net::reply_error(exchange, read.error());
  if (const auto held = call->hold_memory(); !held) return net::reply_error(exchange, held.error());
  PredictCall& waiting = *call.release();
  exchange.watch(&waiting);
  waiting.proceed();
}

Result<void> PredictCall::assign() {
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
  assigned_ = TRY(lane_.assign({.model = model_,
                                .version = version_,
                                .inputs = {},
                                .outputs = {},
                                .unit_key = {},
                                .unit_parameter = {},
                                .caller = &exchange_,
                                .request_id = {},
                                .protocol = {}}));
  plan_ = TRY(tensor::RowPlan::of(assigned_->described().manifest.signature));
  rows_.emplace(*plan_);
  return {};
}

Result<void> PredictCall::read_rows() {
  TRY(is_csv_ ? read_csv_rows(body_, *rows_, arena_) : read_json_rows(body_, *rows_, arena_));
  const std::uint64_t most = plan_->rows_at_once(assigned_->described().manifest.batching.max_batch);
  left_.emplace(*plan_, TRY(rows_->finish()), rows_->rows(), most);
  return {};
}

// Counts what is kept until the answer: texts, inputs, and the predictions of a request in parts.
Result<void> PredictCall::hold_memory() {
  const std::uint64_t kept = arena_.held().count + rows_->held().count + text_.capacity();
  if (kept <= held_ + kFreeMemory.count) return {};
  held_ = kept;
  if (exchange_.hold(kept)) return {};
  return unavailable("the server's memory for requests is in use: try again");
}

// Asks for as many parts as may be on their way, and ends the call when nothing is left to wait for.
void PredictCall::proceed() {
  proceeding_ = true;
  bool may_ask = retry_postponed();
  while (may_ask && !error_ && left_->rows_left() > 0 && taken_ - collected_ < kPartsAtOnce) {
    Part& part = parts_[taken_++ % kPartsAtOnce];
    part.rows = left_->take(part.inputs);
    ask(part);
    may_ask = part.state != Part::State::Postponed;
  }
  proceeding_ = false;
  const bool complete = left_->rows_left() == 0 && collected_ == taken_;
  if (!error_ && !complete) return;
  const std::unique_ptr<PredictCall> ended(this);
  exchange_.watch(nullptr);
  withdraw();
  if (error_) return net::reply_error(exchange_, *error_);
  end_predictions(text_);
  exchange_.reply(200, "application/json", text_);
}

// False if the lane is still full.
bool PredictCall::retry_postponed() {
  for (Part& part : parts_) {
    if (error_ || part.state != Part::State::Postponed) continue;
    ask(part);
    if (part.state == Part::State::Postponed) return false;
  }
  return true;
}

void PredictCall::ask(Part& part) {
  part.state = Part::State::Asked;
  ++asked_;
  lane_.submit({.model = model_,
                .version = version_,
                .assigned = &assigned_,
                .inputs = part.inputs,
                .outputs = {},
                .timeout = std::nullopt,
                .received_at = exchange_.received_at(),
                .traffic = ports::Traffic::Live,
                .priority = 0,
                .unit_key = {},
                .unit_parameter = {},
                .caller = &exchange_,
                .request_id = exchange_.request_id(),
                .protocol = "http"},
               part);
}

void PredictCall::part_answered(Part& part, const ports::Prediction& prediction) {
  --asked_;
  const bool whole = part.rows == rows_->rows();
  if (whole && !proceeding_) {  // the usual request: written in place
    const std::unique_ptr<PredictCall> ended(this);
    exchange_.watch(nullptr);
    std::string& out = exchange_.open(200, "application/json");
    begin_predictions(out, prediction.served);
    append_predictions(out, prediction, part.rows);
    end_predictions(out);
    exchange_.finish();
    return;
  }
  append_predictions(part.text, prediction, part.rows);
  part.state = Part::State::Answered;
  collect();
  if (!proceeding_) proceed();
}

// Moves the answers that are next in the order of the rows into text_.
void PredictCall::collect() {
  while (collected_ < taken_) {
    Part& next = parts_[collected_ % kPartsAtOnce];
    if (next.state != Part::State::Answered) return;
    if (collected_++ == 0) {
      begin_predictions(text_, assigned_->described());
    } else {
      text_ += ',';
    }
    text_ += next.text;
    next.text.clear();
    next.state = Part::State::Free;
  }
  if (text_.size() > kLargestAnswer.count) {
    error_ = invalid_input("expected rows whose predictions take at most " + to_string(kLargestAnswer) + ", found " +
                           std::to_string(rows_->rows()) + " rows that need more: ask for them in several requests");
  } else if (auto held = hold_memory(); !held && !error_) {
    error_ = std::move(held).error();
  }
}

// A full lane is waited for as long as other parts of this request are on their way.
void PredictCall::part_failed(Part& part, const Error& error) {
  --asked_;
  part.state = Part::State::Free;
  if (error.code == ErrorCode::Overloaded && asked_ > 0) {
    part.state = Part::State::Postponed;
  } else if (!error_) {
    error_ = error;
  }
  if (!proceeding_) proceed();
}

void PredictCall::withdraw() {
  for (Part& part : parts_) {
    if (std::exchange(part.state, Part::State::Free) == Part::State::Asked) lane_.cancel(part);
  }
}

void PredictCall::abandoned() noexcept {
  if (is_aside_) {
    was_abandoned_ = true;  // it ends when the worker has
    return;
  }
  const std::unique_ptr<PredictCall> ended(this);
  withdraw();
}

}  // namespace slipway::api_predict
