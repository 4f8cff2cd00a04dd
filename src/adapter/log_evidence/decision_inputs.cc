#include "adapter/log_evidence/decision_inputs.h"

#include <array>
#include <cmath>

#include "adapter/codec/number_text.h"
#include "adapter/log_evidence/packed_words.h"
#include "base/text.h"

namespace slipway::log_evidence {
namespace {

constexpr std::array<std::string_view, kOutcomeKinds> kKinds{"label", "reward", "conversion", "cost"};

// Members of one object, or elements of one list. Numbers read back as they were; what JSON has no number for is null.
class Json {
 public:
  explicit Json(char open) : text_(1, open), close_(open == '{' ? '}' : ']') {}

  Json& key(std::string_view name) {
    next();
    append_json_string(text_, name);
    text_ += ": ";
    is_after_key_ = true;
    return *this;
  }
  template <class Number>
  Json& number(Number value) {
    next();
    std::array<char, codec::kMaxNumberText> digits{};
    if constexpr (std::is_floating_point_v<Number>) {
      if (!std::isfinite(value)) return raw_text("null");
    }
    return raw_text(
        {digits.data(), static_cast<std::size_t>(codec::write_number(digits.data(), value) - digits.data())});
  }
  Json& text(std::string_view value) {
    next();
    append_json_string(text_, value);
    return *this;
  }
  Json& boolean(bool value) { return raw(value ? "true" : "false"); }
  Json& raw(std::string_view json) {
    next();
    return raw_text(json);
  }
  std::string close() const { return text_ + close_; }

 private:
  Json& raw_text(std::string_view json) {
    text_ += json;
    return *this;
  }
  void next() {
    if (!is_after_key_ && text_.size() > 1) text_ += ", ";
    is_after_key_ = false;
  }
  std::string text_;
  char close_;
  bool is_after_key_ = false;
};

std::string list_of(const std::vector<std::string>& texts) {
  Json list('[');
  for (const std::string& each : texts) list.text(each);
  return list.close();
}

std::string position_json(ports::LogPosition at) {
  return Json('[').number(at.segment).number(at.offset).close();
}

std::string count_json(const evidence::ArmCount& arm) {
  Json object('{');
  object.key("units").number(arm.units).key("events").number(arm.events);
  if (arm.mean) object.key("mean").number(*arm.mean);
  return object.close();
}

std::string finding_json(const evidence::Finding& finding) {
  Json object('{');
  object.key("metric").text(finding.metric);
  if (!finding.slice.empty()) object.key("slice").text(finding.slice);
  object.key("log_harm").number(finding.log_harm).key("harm_bar").number(finding.harm_bar);
  if (finding.log_safe) object.key("log_safe").number(*finding.log_safe);
  object.key("safe_bar").number(finding.safe_bar);
  if (finding.margin) object.key("margin").number(*finding.margin);
  object.key("power").number(finding.power);
  if (finding.effect) object.key("effect_of").text(finding.effect_of).key("effect").number(*finding.effect);
  if (finding.effect_interval) {
    object.key("effect_low").number(finding.effect_interval->low);
    object.key("effect_high").number(finding.effect_interval->high);
  }
  object.key("candidate").raw(count_json(finding.candidate)).key("control").raw(count_json(finding.control));
  return object.close();
}

std::string missing_json(const evidence::Missing& missing) {
  Json object('{');
  object.key("what").text(missing.what).key("requests").number(missing.requests).key("events").number(missing.events);
  if (missing.about_seconds) object.key("about_seconds").number(*missing.about_seconds);
  return object.close();
}

std::string value_json(const stats::OffPolicyValue& value) {
  Json object('{');
  object.key("by_inverse_propensity").number(value.by_inverse_propensity());
  object.key("standard_error").number(value.standard_error()).key("low").number(value.interval().low);
  object.key("high").number(value.interval().high).key("cut").number(value.cut());
  return object.close();
}

std::string arm_json(model::VersionNumber version, const ArmRecords& arm) {
  Json outcomes('{');
  for (std::size_t i = 0; i < kKinds.size(); ++i) outcomes.key(kKinds.at(i)).number(arm.outcomes.at(i));
  const rollout::Arm reward = arm.reward();
  Json rewards('{');
  rewards.key("effective").number(reward.rewards).key("mean").number(reward.mean);
  rewards.key("variance").number(reward.variance);
  if (arm.unvalued == 0 && arm.alone.count() > 0) rewards.key("alone").raw(value_json(arm.alone));
  Json object('{');
  object.key("version").number(version).key("answers").number(arm.answers);
  object.key("outcomes").raw(outcomes.close());
  if (reward.rewards > 0) object.key("rewards").raw(rewards.close());
  return object.close();
}

// Nobody randomised what they are of.
std::string limits_json(const std::vector<evidence::LimitPlan>& limits,
                        const std::vector<std::optional<double>>& values) {
  Json list('[');
  for (std::size_t i = 0; i < values.size(); ++i) {
    Json object('{');
    object.key("name").text(limits[i].name).key("server").text(limits[i].server).key("value");
    values[i] ? object.number(*values[i]) : object.raw("null");
    if (limits[i].least) object.key("least").number(*limits[i].least);
    if (limits[i].most) object.key("most").number(*limits[i].most);
    list.raw(object.key("randomised").boolean(false).close());
  }
  return list.close();
}

std::string log_json(const Reading& reading) {
  Json object('{');
  object.key("from").raw(position_json(reading.begun)).key("to").raw(position_json(reading.at));
  object.key("after_revision").number(reading.revision).key("gaps").number(reading.gaps);
  object.key("without_record").number(reading.missing).key("of_other_splits").number(reading.earlier);
  object.key("not_drawn").number(reading.undrawn).key("again").number(reading.again);
  object.key("not_used").number(reading.unknown);
  return object.close();
}

// Harm is told with its interval, which takes time; it is told once. In a step that mirrors requests the pairs decide,
// since nobody is given the candidate's answers; harm that was seen before stays harm.
evidence::Judgement judgement_of(const evidence::Evidence& evidence, const evidence::Agreement* pairs,
                                 evidence::Detail detail) {
  if (pairs != nullptr && !evidence.is_harmful()) return pairs->judge();
  return evidence.judge(evidence.is_harmful() ? evidence::Detail::Full : detail);
}

rollout::Evidence said_of(const evidence::Judgement& judgement, std::string_view hold) {
  rollout::Evidence said{judgement.verdict, judgement.may_advance, judgement.reason};
  if (hold.empty() || said.verdict == model::Verdict::Fail) return said;
  return {model::Verdict::Inconclusive, false, std::string(hold)};
}

// Of the candidate whose answers to mirrored requests are looked at now; null: of none.
const evidence::Agreement* pairs_of(const Gathering& gathering, std::size_t candidate) {
  return candidate == 0 && gathering.is_mirrored() && gathering.agreement() ? &*gathering.agreement() : nullptr;
}

// A plan that asks nothing of pairs cannot tell anything of a step that only mirrors.
std::string hold_of(const Gathering& gathering, std::size_t candidate, std::string_view hold) {
  if (!hold.empty() || !gathering.is_mirrored() || pairs_of(gathering, candidate) != nullptr) return std::string(hold);
  return candidate > 0 ? "requests are mirrored to the first candidate alone"
                       : "requests are mirrored, and the plan's agreement asks nothing of the answers";
}

std::string candidate_json(model::VersionNumber version, const evidence::Evidence& evidence,
                           const evidence::Agreement* pairs, std::string_view hold) {
  const evidence::Judgement judgement = judgement_of(evidence, pairs, evidence::Detail::Full);
  const rollout::Evidence said = said_of(judgement_of(evidence, pairs, evidence::Detail::Brief), hold);
  Json findings('[');
  for (const evidence::Finding& finding : judgement.findings) findings.raw(finding_json(finding));
  Json object('{');
  object.key("version").number(version).key("alpha").number(evidence.plan().alpha);
  object.key("verdict").text(name_of(said.verdict));
  object.key("may_advance").boolean(said.may_advance).key("reason").text(said.reason);
  object.key("log_harm").number(judgement.log_harm).key("harm_bar").number(judgement.harm_bar);
  object.key("has_power").boolean(judgement.has_power).key("is_amber").boolean(judgement.is_amber);
  object.key("holds").raw(list_of(judgement.holds)).key("hold").text(hold);
  if (!judgement.missing.what.empty()) object.key("missing").raw(missing_json(judgement.missing));
  object.key("findings").raw(findings.close()).key("state").text(packed(evidence.judged_state()));
  if (pairs != nullptr) object.key("pairs").text(packed(pairs->judged_state()));
  return object.close();
}

}  // namespace

std::vector<rollout::Evidence> judged(const Gathering& gathering, std::string_view hold) {
  std::vector<rollout::Evidence> all;
  for (std::size_t i = 0; i < gathering.evidence().size(); ++i) {
    const auto judgement = judgement_of(gathering.evidence()[i], pairs_of(gathering, i), evidence::Detail::Brief);
    all.push_back(said_of(judgement, hold_of(gathering, i, hold)));
  }
  return all;
}

std::string inputs_text(const Gathering& gathering, const Digest& plan, std::string_view hold) {
  const auto& versions = gathering.versions();
  Json arms('['), candidates('[');
  for (std::size_t i = 0; i < versions.size(); ++i) arms.raw(arm_json(versions[i], gathering.arms()[i]));
  for (std::size_t i = 0; i < gathering.evidence().size(); ++i) {
    candidates.raw(
        candidate_json(versions[i + 1], gathering.evidence()[i], pairs_of(gathering, i), hold_of(gathering, i, hold)));
  }
  Json object('{');
  object.key("format").number(std::uint64_t{1}).key("plan").text(plan.hex()).key("hold").text(hold);
  object.key("log").raw(log_json(gathering.reading())).key("arms").raw(arms.close());
  if (!gathering.limits().empty()) {
    object.key("limits").raw(limits_json(gathering.evidence().front().plan().limits, gathering.limits()));
  }
  object.key("candidates").raw(candidates.close());
  return object.close();
}

Result<std::vector<JudgedAgain>> judge_again(const DecisionInputs& inputs, const evidence::EvidencePlan& plan) {
  evidence::EvidencePlan each = plan_of_each(plan, inputs.candidates.size());
  std::vector<JudgedAgain> all;
  for (const CandidateInputs& candidate : inputs.candidates) {
    each.alpha = candidate.alpha.value_or(each.alpha);
    auto restored = evidence::Evidence::restore(each, candidate.state);
    if (!restored.ok()) {
      return Error(restored.error()).within("version " + std::to_string(candidate.version) + ": state");
    }
    for (std::size_t i = 0; i < std::min(inputs.limits.size(), each.limits.size()); ++i) {
      restored->limit(i, inputs.limits[i]);
    }
    std::optional<evidence::Agreement> pairs;
    if (!candidate.pairs.empty()) {
      auto read = evidence::Agreement::restore(each, candidate.pairs);
      if (!read.ok()) return Error(read.error()).within("version " + std::to_string(candidate.version) + ": pairs");
      pairs.emplace(*std::move(read));
    }
    const evidence::Agreement* const seen = pairs ? &*pairs : nullptr;
    const std::string_view hold = inputs.hold.empty() ? candidate.hold : inputs.hold;
    all.push_back({said_of(judgement_of(*restored, seen, evidence::Detail::Brief), hold),
                   judgement_of(*restored, seen, evidence::Detail::Full)});
  }
  return all;
}

}  // namespace slipway::log_evidence
