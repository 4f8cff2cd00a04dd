#include "adapter/api_admin/rollout_writer.h"

#include <array>

#include "domain/evidence/judgement.h"
#include "service/feedback/feedback.h"

namespace slipway::api_admin {
namespace {

constexpr std::array<std::string_view, 3> kNeeds = {"nothing", "power", "pass"};

constexpr double kUsualErrors = 0.05;  // of answers, for which the fuse's false alarm is told

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void write_maybe(JsonWriter& json, std::string_view key, const std::optional<double>& value) {
  json.key(key);
  value ? json.value(*value) : json.null();
}

void write_arm(JsonWriter& json, std::string_view key, const evidence::ArmCount& arm) {
  json.key(key).open('{').field("units", arm.units).field("events", arm.events);
  write_maybe(json, "mean", arm.mean);
  json.close('}');
}

void write_finding(JsonWriter& json, const evidence::Finding& finding) {
  json.open('{').field("metric", finding.metric).field("slice", finding.slice);
  json.field("log_harm", finding.log_harm).field("harm_bar", finding.harm_bar);
  write_maybe(json, "log_safe", finding.log_safe);
  json.field("safe_bar", finding.safe_bar);
  write_maybe(json, "margin", finding.margin);
  json.field("power", finding.power);
  write_arm(json, "control", finding.control);
  write_arm(json, "candidate", finding.candidate);
  json.close('}');
}

void write_judgement(JsonWriter& json, const evidence::Judgement& judgement) {
  json.open('{').field("log_harm", judgement.log_harm).field("harm_bar", judgement.harm_bar);
  json.field("has_power", judgement.has_power).key("holds").open('[');
  for (const std::string& hold : judgement.holds) json.value(hold);
  json.close(']').key("missing").open('{').field("what", judgement.missing.what);
  json.field("requests", judgement.missing.requests);
  write_maybe(json, "seconds", judgement.missing.about_seconds);
  json.close('}').key("metrics").open('[');
  for (const evidence::Finding& finding : judgement.findings) write_finding(json, finding);
  json.close(']').close('}');
}

}  // namespace

void write_traffic(JsonWriter& json, const rollout::Traffic& traffic) {
  json.open('[');
  for (const model::Share& share : traffic.shares) {
    json.open('{').field("version", share.version).field("share", share.share.count).close('}');
  }
  json.close(']');
}

void write_steps(JsonWriter& json, std::span<const rollout::Scheduled> steps) {
  json.key("steps").open('[');
  for (const auto& [step, stage] : steps) {
    json.open('{').field("stage", stage + 1).field("weight", step.weight.count).field("mirrored", step.mirrored.count);
    json.field("dwell_seconds", seconds(step.dwell)).field("needs", kNeeds[static_cast<std::size_t>(step.needs)]);
    json.field("approval", step.approval).field("adaptive", step.is_adaptive).close('}');
  }
  json.close(']');
}

void write_forecast(JsonWriter& json, const evidence::EvidencePlan& plan, const delivery::PlanForecast& forecast) {
  json.key("forecast").open('{').field("counts", plan.unit == evidence::Unit::Request ? "requests" : "units");
  write_maybe(json, "seconds", forecast.seconds);
  json.key("steps").open('[');
  for (const delivery::StepForecast& step : forecast.steps) {
    json.open('{');
    write_maybe(json, "requests", step.takes ? step.takes->requests : std::optional(0.0));
    json.field("metric", step.takes ? step.takes->metric : "").field("why", step.takes ? step.takes->why : "");
    write_maybe(json, "seconds", step.seconds);
    json.close('}');
  }
  json.close(']').field("false_rollback", plan.alpha);
  json.field("alpha_over", plan.budget == evidence::Budget::Model ? "model" : "rollout");
  write_maybe(json, "false_promotion", forecast.false_promotion);
  json.field("power", plan.power);
  json.key("harm").open('[');
  for (const evidence::Detection& each : forecast.detections) {
    json.open('{').field("metric", each.metric).field("effect", each.effect);
    write_maybe(json, "found", each.chance);
    json.close('}');
  }
  json.close(']').key("fuse");
  if (plan.fuse) {
    json.open('{').field("errors", plan.fuse->errors).field("window", plan.fuse->window);
    json.field("false_alarm", evidence::false_alarm_probability(*plan.fuse, kUsualErrors)).close('}');
  } else {
    json.null();
  }
  json.close('}');
}

void write_record(JsonWriter& json, const ports::RolloutRecord& record) {
  const rollout::Rollout& state = record.state;
  json.field("rollout", record.number).field("environment", state.environment).field("model", state.model.text());
  json.field("control", state.control).key("candidates").open('[');
  for (const model::VersionNumber version : state.candidates) json.value(version);
  json.close(']').field("state", rollout::name_of(state.state)).field("step", state.position + 1);
  json.field("reason", state.reason).key("paused");
  if (state.paused) {
    json.open('{').field("by", state.paused->by).field("reason", state.paused->reason).close('}');
  } else {
    json.null();
  }
  json.key("wants");
  write_traffic(json, state.wanted);
  json.field("dwelt_seconds", seconds(state.dwelt)).key("winner");
  state.winner ? json.value(*state.winner) : json.null();
  json.field("decisions", state.decisions).field("plan_digest", "sha256:" + record.plan_digest.hex());
  json.field("started_at", to_rfc3339(record.started_at)).field("started_by", record.started_by);
}

void write_standing(JsonWriter& json, const delivery::Standing& standing) {
  json.field("plan", standing.record.plan).field("holding", standing.holding);
  write_steps(json, standing.steps);
  json.key("evidence").open('[');
  for (std::size_t i = 0; i < standing.evidence.size(); ++i) {
    const rollout::Evidence& each = standing.evidence[i];
    json.open('{').field("verdict", model::name_of(each.verdict)).field("may_advance", each.may_advance);
    json.field("reason", each.reason).key("judgement");
    i < standing.judgements.size() ? write_judgement(json, standing.judgements[i]) : void(json.null());
    json.close('}');
  }
  json.close(']').key("arms").open('[');
  const rollout::Rollout& state = standing.record.state;
  for (std::size_t i = 0; i < standing.joins.size() && i < state.candidates.size() + 1; ++i) {
    json.open('{').field("version", i == 0 ? state.control : state.candidates[i - 1]);
    json.field("answers", standing.joins[i].answers).key("outcomes").open('{');
    for (std::size_t kind = 0; kind < feedback::kOutcomeKinds; ++kind) {
      json.field(feedback::name_of(static_cast<ports::OutcomeRecord::Kind>(kind)), standing.joins[i].outcomes.at(kind));
    }
    json.close('}').close('}');
  }
  json.close(']').key("curve").open('[');
  for (const rollout::CurvePoint& point : standing.record.curve) {
    json.open('{').field("at", to_rfc3339(point.at)).field("weight", point.weight.count);
    json.field("log_harm", point.log_harm).field("log_safe", point.log_safe).close('}');
  }
  json.close(']');
}

void write_decision(JsonWriter& json, const ports::RolloutDecision& decision) {
  json.open('{').field("number", decision.number).field("at", to_rfc3339(decision.at)).field("actor", decision.actor);
  json.field("action", decision.action).field("state", rollout::name_of(decision.state));
  json.field("step", decision.position + 1).key("wants");
  write_traffic(json, decision.wanted);
  json.field("mirrored", decision.wanted.mirrored.count).field("reason", decision.reason);
  json.field("evidence", decision.evidence).field("program", decision.program).field("basis", decision.basis);
  json.close('}');
}

}  // namespace slipway::api_admin
