// /api/v1/feedback: what became known of predictions; /api/v1/predictions/{request}: what is recorded of one.
#include "service/feedback/feedback.h"
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/json_writer.h"
#include "base/time_text.h"
#include "domain/access/scope.h"

namespace slipway::api_admin {
namespace {

using feedback::Joined;
using feedback::Outcome;
using net::BlockingRequest;
using net::Method;
using net::Reply;

constexpr std::size_t kMostOutcomes = 1000;
constexpr std::size_t kLongestText = 1024;
constexpr Bytes kLargestBody = mebibytes(1);

Result<feedback::Feedback*> feedback_of(Desk& desk) {
  if (desk.parts.feedback != nullptr) return desk.parts.feedback;
  return unimplemented("this server records no predictions: its setting prediction_log is 0");
}

feedback::MayKnow may_know(const BlockingRequest& request) {
  return [&request](const model::ModelName& name) { return access::covers_model(request.principal(), name.text()); };
}

Result<Outcome> read_outcome(const JsonFields& fields) {
  Outcome outcome;
  outcome.request_id = TRY(fields.text("request_id", kLongestText)).value_or("");
  outcome.unit = TRY(fields.text("unit", kLongestText)).value_or("");
  outcome.key = TRY(fields.text("key", kLongestText)).value_or("");
  if (const auto name = TRY(fields.text("model", kLongestText)))
    outcome.model.emplace(TRY(model::ModelName::parse(*name)));
  const auto kind = TRY(fields.text("kind", kLongestText));
  const auto parsed = feedback::parse_kind(kind.value_or("none"));
  if (!parsed) {
    return invalid_input("kind: expected label, reward, conversion or cost, found " + kind.value_or("none"));
  }
  outcome.kind = *parsed;
  const auto value = TRY(fields.real("value"));
  if (!value) return invalid_input("value: expected a number, found none");
  outcome.value = *value;
  if (const auto at = TRY(fields.text("at", kLongestText))) outcome.at.emplace(TRY(parse_rfc3339(*at)));
  return outcome;
}

void write_joined(JsonWriter& json, const Joined& joined) {
  json.field("result", joined.was_known ? "known" : "joined").field("model", joined.model.text());
  json.field("version", joined.record.version).field("request_id", joined.record.request.text());
  json.field("predicted_at", to_rfc3339(joined.record.predicted_at));
}

// Each for itself: what cannot be taken says why, and holds up no other.
Result<Reply> take_all(feedback::Feedback& feedback, const std::vector<JsonFields>& all,
                       const BlockingRequest& request) {
  std::size_t counts[3] = {0, 0, 0};  // joined, known, refused
  JsonWriter json;
  json.open('{').key("results").open('[');
  for (const JsonFields& fields : all) {
    auto outcome = read_outcome(fields);
    auto joined = outcome.ok() ? feedback.take(*outcome, may_know(request)) : Result<Joined>(outcome.error());
    json.open('{');
    if (joined.ok()) {
      write_joined(json, *joined);
    } else {
      const ErrorCode code = joined.error().code;
      if (code == ErrorCode::Unavailable || code == ErrorCode::Corrupt) return std::move(joined).error();
      json.field("result", "refused").field("code", name_of(code)).field("error", joined.error().message);
    }
    json.close('}');
    ++counts[!joined.ok() ? 2 : joined->was_known ? 1 : 0];
  }
  json.close(']').field("joined", counts[0]).field("known", counts[1]).field("refused", counts[2]).close('}');
  return json_reply(json.take());
}

Result<Reply> give_feedback(Desk& desk, BlockingRequest& request) {
  feedback::Feedback& feedback = *TRY(feedback_of(desk));
  const std::string text = TRY(request.read_all(kLargestBody));
  const auto fields =
      TRY(JsonFields::parse(text, {"outcomes", "request_id", "model", "unit", "kind", "value", "at", "key"}));
  if (fields.has("outcomes")) {
    for (const char* other : {"request_id", "model", "unit", "kind", "value", "at", "key"}) {
      if (fields.has(other))
        return invalid_input(std::string("expected outcomes alone, found ") + other + " beside it");
    }
    const auto all =
        TRY(fields.list("outcomes", {"request_id", "model", "unit", "kind", "value", "at", "key"}, kMostOutcomes));
    return take_all(feedback, all, request);
  }
  const auto outcome = TRY(read_outcome(fields));
  const Joined joined = TRY(feedback.take(outcome, may_know(request)));
  JsonWriter json;
  json.open('{');
  write_joined(json, joined);
  json.close('}');
  return json_reply(json.take());
}

std::string status_of(const ports::PredictionRecord& record) {
  if (!record.is_failure()) return "ok";
  const unsigned code = record.status - 1U;
  return code < kErrorCodeCount ? std::string(name_of(static_cast<ErrorCode>(code))) : "unknown";
}

Result<Reply> show_prediction(Desk& desk, BlockingRequest& request) {
  feedback::Feedback& feedback = *TRY(feedback_of(desk));
  const auto found = TRY(feedback.find(request.parameter(0), may_know(request)));
  const ports::PredictionRecord& record = found.record;
  JsonWriter json;
  json.open('{').field("request_id", record.request.text()).field("model", found.model.text());
  json.field("version", record.version).field("at", to_rfc3339(record.at)).field("status", status_of(record));
  json.field("latency_ms", std::chrono::duration<double, std::milli>(record.latency).count());
  json.field("rows", std::uint64_t{record.rows}).field("assigned_by", model::name_of(record.draw.by));
  json.field("probability", record.draw.probability).field("revision", record.draw.revision);
  json.key("values").open('[');
  for (std::size_t i = 0; i < record.value_count; ++i) json.value(static_cast<double>(record.values[i]));
  json.close(']').close('}');
  return json_reply(json.take());
}

}  // namespace

void add_feedback_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  routes.push_back(for_limited_callers(
      route(desk, Method::Post, "/api/v1/feedback", Permission::Predict, give_feedback, kLargestBody)));
  routes.push_back(for_limited_callers(
      route(desk, Method::Get, "/api/v1/predictions/{request}", Permission::ReadRegistry, show_prediction)));
}

}  // namespace slipway::api_admin
