#include "service/feedback/feedback.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace slipway::feedback {
namespace {

using ports::OutcomeRecord;
using ports::PredictionRecord;

constexpr std::array<std::string_view, kOutcomeKinds> kKinds = {"label", "reward", "conversion", "cost"};
constexpr std::size_t kLongestText = 256;
constexpr auto kClockSkew = std::chrono::minutes(5);  // of clients

Result<void> check_text(std::string_view field, std::string_view text) {
  if (text.size() <= kLongestText && is_valid_utf8(text)) return {};
  return invalid_input(std::string(field) + ": expected at most " + std::to_string(kLongestText) +
                       " bytes of UTF-8, found \"" + printable(text, 60) + "\"");
}

Result<void> check(const Outcome& outcome) {
  const bool by_unit = outcome.model.has_value() && !outcome.unit.empty();
  if (outcome.request_id.empty() ? !by_unit : !outcome.unit.empty()) {
    return invalid_input("expected request_id, or model and unit, found " +
                         std::string(outcome.request_id.empty() ? "neither" : "both"));
  }
  TRY(check_text("request_id", outcome.request_id));
  TRY(check_text("unit", outcome.unit));
  TRY(check_text("key", outcome.key));
  if (std::isfinite(outcome.value)) return {};
  return invalid_input("value: expected a finite number, found " + std::to_string(outcome.value));
}

// What makes an outcome the same when it is sent again. Of its model: callers of one hear nothing of another's.
std::uint64_t key_of(const Outcome& outcome, const PredictionRecord& prediction) {
  std::string text = std::to_string(prediction.model) + "\n";
  if (!outcome.key.empty()) {
    text += "key\n" + outcome.key;
  } else {
    text += "request\n" + std::string(prediction.request.text()) + "\n" +
            std::to_string(prediction.at.time_since_epoch().count()) + "\n" + std::string(name_of(outcome.kind));
  }
  return model::hash_of(text);
}

std::string said(const Outcome& outcome) {
  if (!outcome.request_id.empty()) {
    return "request \"" + printable(outcome.request_id, 80) + "\"" +
           (outcome.model ? " of model \"" + outcome.model->text() + "\"" : "");
  }
  return "unit \"" + printable(outcome.unit, 80) + "\" of model \"" + outcome.model->text() + "\"";
}

Error unknown(const std::string& what) {
  return not_found(what + ": there is no prediction that is recorded here and kept still");
}

}  // namespace

std::string_view name_of(OutcomeRecord::Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<OutcomeRecord::Kind> parse_kind(std::string_view name) {
  const auto at = std::ranges::find(kKinds, name);
  if (at == kKinds.end()) return std::nullopt;
  return static_cast<OutcomeRecord::Kind>(at - kKinds.begin());
}

Result<Joined> Feedback::take(const Outcome& outcome, const MayKnow& may_know) {
  auto joined = join(outcome, may_know);
  if (!joined) ++counted_.lock()->refused[static_cast<std::size_t>(joined.error().code)];
  return joined;
}

Result<Joined> Feedback::join(const Outcome& outcome, const MayKnow& may_know) {
  TRY(check(outcome));
  const WallTime now = parts_.clock.wall_now();
  const WallTime at = outcome.at.value_or(now);
  if (at > now + kClockSkew) {
    return invalid_input("at: expected a time that has come, found " + to_rfc3339(at) + " at " + to_rfc3339(now));
  }
  const PredictionRecord prediction = TRY(prediction_of(outcome, at));
  auto model = TRY(name_of_model(prediction, may_know, said(outcome)));
  Joined joined{{}, std::move(model)};
  if (at < prediction.at - kClockSkew) {
    return invalid_input("at: expected a time after the request was received, " + to_rfc3339(prediction.at) +
                         ", found " + to_rfc3339(at));
  }
  if (now - prediction.at > parts_.window) {
    return conflict(said(outcome) + ": too late: it was received at " + to_rfc3339(prediction.at) +
                    ", outcomes are taken for " + to_string(parts_.window));
  }
  OutcomeRecord& record = joined.record;
  record.key = key_of(outcome, prediction);
  record.request = prediction.request;
  record.model = prediction.model;
  record.version = prediction.version;
  record.draw = prediction.draw;
  record.kind = outcome.kind;
  record.value = outcome.value;
  record.at = at;
  record.predicted_at = prediction.at;
  auto counted = counted_.lock();
  if (const auto before = TRY(parts_.predictions.find_outcome(record.key))) {
    const bool is_same =
        before->request == record.request && before->kind == record.kind && before->value == record.value;
    if (!is_same) {
      return conflict(said(outcome) + ": its " + std::string(name_of(before->kind)) + " was given before as " +
                      std::to_string(before->value) + "; another one needs a key of its own");
    }
    record = *before;
    joined.was_known = true;
    return joined;
  }
  TRY(parts_.predictions.append(std::span<const OutcomeRecord>(&record, 1)));
  ++counted->joined[{joined.model.text(), record.version}][static_cast<std::size_t>(record.kind)];
  return joined;
}

// A record may still be on its way to the log when its answer has arrived.
Result<PredictionRecord> Feedback::prediction_of(const Outcome& outcome, WallTime at) {
  const auto look = [&]() -> Result<std::optional<PredictionRecord>> {
    if (!outcome.request_id.empty()) {
      auto newest = TRY(parts_.predictions.find(model::RequestKey::of(outcome.request_id)));
      if (newest && outcome.model && newest->model != model::hash_of(outcome.model->text())) newest.reset();
      return newest;
    }
    const std::uint64_t salt = model::assignment_salt(parts_.environment, outcome.model->text());
    return parts_.predictions.find_unit(model::hash_of(outcome.model->text()), model::unit_of(salt, outcome.unit), at);
  };
  auto found = TRY(look());
  if (!found && parts_.catch_up) {
    parts_.catch_up();
    found = TRY(look());
  }
  if (!found) return unknown(said(outcome));
  return *found;
}

Result<model::ModelName> Feedback::name_of_model(const PredictionRecord& record, const MayKnow& may_know,
                                                 const std::string& what) {
  auto name = TRY(parts_.predictions.model_of(record.model));
  if (!name || !may_know(*name)) return unknown(what);
  return *std::move(name);
}

Result<Feedback::Found> Feedback::find(std::string_view request_id, const MayKnow& may_know) {
  Outcome asked;
  asked.request_id = request_id;
  TRY(check(asked));
  const PredictionRecord record = TRY(prediction_of(asked, {}));
  auto name = TRY(name_of_model(record, may_know, said(asked)));
  return Found{record, std::move(name)};
}

void Feedback::collect(ports::MetricVisitor& visitor) const {
  auto counted = counted_.lock();
  visitor.family("slipway_outcomes_total", "Outcomes joined to predictions, by the version that was drawn",
                 ports::MetricKind::Counter);
  for (const auto& [of, kinds] : counted->joined) {
    const std::string version = std::to_string(of.second);
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      if (kinds[kind] == 0) continue;
      const std::array<ports::MetricLabel, 3> labels = {
          {{"model", of.first}, {"version", version}, {"kind", kKinds[kind]}}};
      visitor.sample(labels, static_cast<double>(kinds[kind]));
    }
  }
  visitor.family("slipway_outcomes_refused_total", "Outcomes that were not taken, by reason",
                 ports::MetricKind::Counter);
  for (std::size_t code = 0; code < counted->refused.size(); ++code) {
    if (counted->refused[code] == 0) continue;
    const std::array<ports::MetricLabel, 1> labels = {{{"reason", slipway::name_of(static_cast<ErrorCode>(code))}}};
    visitor.sample(labels, static_cast<double>(counted->refused[code]));
  }
}

}  // namespace slipway::feedback
