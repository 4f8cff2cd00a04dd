#include "app/commands/judgement_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace slipway::app {
namespace {

std::string short_number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string e_value(double log) {
  return log < 14 ? short_number(std::exp(log)) : "10^" + short_number(log / std::log(10.0));
}

std::string counts(const evidence::ArmCount& arm) {
  if (arm.events == 0 && arm.mean) return short_number(*arm.mean) + " of " + std::to_string(arm.units);
  return std::to_string(arm.events) + " of " + std::to_string(arm.units);
}

// Keys and values of one object. Numbers that JSON has no word for are null.
class Object {
 public:
  void number(std::string_view key, double value) {
    begin(key);
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text_ += std::isfinite(value) ? std::string(digits.data(), end) : "null";
  }
  void text(std::string_view key, std::string_view value) {
    begin(key);
    append_json_string(text_, value);
  }
  void raw(std::string_view key, std::string_view value) {
    begin(key);
    text_ += value;
  }
  std::string close() { return text_ + "}"; }

 private:
  void begin(std::string_view key) {
    text_ += text_.size() == 1 ? "\"" : ", \"";
    text_ += std::string(key) + "\": ";
  }
  std::string text_ = "{";
};

std::string texts_json(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    append_json_string(list, text);
  }
  return list + "]";
}

std::string arm_json(const evidence::ArmCount& arm) {
  Object object;
  object.number("units", static_cast<double>(arm.units));
  object.number("events", static_cast<double>(arm.events));
  if (arm.mean) object.number("mean", *arm.mean);
  return object.close();
}

std::string finding_json(const evidence::Finding& finding) {
  Object object;
  object.text("metric", finding.metric);
  if (!finding.slice.empty()) object.text("slice", finding.slice);
  object.number("log_harm", finding.log_harm);
  object.number("harm_bar", finding.harm_bar);
  if (finding.log_safe) object.number("log_safe", *finding.log_safe);
  object.number("safe_bar", finding.safe_bar);
  if (finding.margin) object.number("margin", *finding.margin);
  if (finding.effect) object.number(finding.effect_of == "risk ratio" ? "risk_ratio" : "difference", *finding.effect);
  if (finding.effect_interval) {
    object.number("effect_low", finding.effect_interval->low);
    object.number("effect_high", finding.effect_interval->high);
  }
  object.number("power", finding.power);
  object.raw("candidate", arm_json(finding.candidate));
  object.raw("control", arm_json(finding.control));
  return object.close();
}

}  // namespace

std::string_view action_of(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::Pass:
      return "promote";
    case model::Verdict::Fail:
      return "roll_back";
    case model::Verdict::Inconclusive:
      return "hold";
  }
  return "hold";
}

std::string judgement_line(std::uint64_t line, double t, const evidence::Judgement& judgement) {
  std::string action(action_of(judgement.verdict));
  if (action == "roll_back") action = "roll back";
  return "line " + std::to_string(line) + ", " + short_number(t) + " s: " + action + ": " + judgement.reason;
}

std::string judgement_json(std::string_view event, std::uint64_t line, double t, const evidence::Judgement& judgement) {
  Object object;
  object.text("event", event);
  object.number("line", static_cast<double>(line));
  object.number("t", t);
  object.text("verdict", action_of(judgement.verdict));
  object.text("reason", judgement.reason);
  object.number("log_harm", judgement.log_harm);
  object.number("harm_bar", judgement.harm_bar);
  object.raw("has_power", judgement.has_power ? "true" : "false");
  object.raw("may_advance", judgement.may_advance ? "true" : "false");
  object.raw("holds", texts_json(judgement.holds));
  object.raw("named_slices", texts_json(judgement.named_slices));
  if (!judgement.missing.what.empty()) {
    object.number("missing_requests", static_cast<double>(judgement.missing.requests));
    if (judgement.missing.about_seconds) object.number("missing_seconds", *judgement.missing.about_seconds);
  }
  std::string findings = "[";
  for (const evidence::Finding& finding : judgement.findings) {
    findings += (findings.size() > 1 ? ", " : "") + finding_json(finding);
  }
  object.raw("findings", findings + "]");
  return object.close();
}

std::vector<std::string> judgement_cells(const evidence::Finding& finding) {
  const std::string place = finding.slice.empty() ? finding.metric : finding.metric + " in " + finding.slice;
  return {place,
          e_value(finding.log_harm),
          e_value(finding.harm_bar),
          finding.log_safe ? e_value(*finding.log_safe) : "-",
          finding.log_safe ? e_value(finding.safe_bar) : "-",
          short_number(100 * finding.power) + " %",
          finding.effect ? short_number(*finding.effect) : "-",
          counts(finding.candidate),
          counts(finding.control)};
}

}  // namespace slipway::app
