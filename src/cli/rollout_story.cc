#include "cli/rollout_story.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/time_text.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

double seconds_in(const std::string& time) {
  const auto at = parse_rfc3339(time);
  return at.ok() ? std::chrono::duration<double>(at->time_since_epoch()).count() : 0;
}

std::string short_time(const std::string& time) {
  std::string shown = time.substr(0, 19);
  if (shown.size() > 10) shown[10] = ' ';
  return shown;
}

double number_in(const json& value) {
  return value.is_number() ? value.get<double>() : 0;
}

std::optional<double> maybe(const json& value) {
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::vector<StoryShare> shares_in(const json& shares) {
  std::vector<StoryShare> all;
  for (const json& each : shares) {
    all.push_back({each.at("version").get<std::uint64_t>(), each.at("share").get<std::uint64_t>()});
  }
  return all;
}

StoryCandidate candidate_in(const json& told) {
  StoryCandidate found{.verdict = told.at("verdict").get<std::string>(),
                       .reason = told.at("reason").get<std::string>()};
  const auto judgement = told.find("judgement");
  if (judgement == told.end() || judgement->is_null()) return found;
  found.log_harm = number_in(judgement->at("log_harm"));
  found.harm_bar = judgement->at("harm_bar").get<double>();
  found.holds = judgement->at("holds").get<std::vector<std::string>>();
  found.missing = judgement->at("missing").at("what").get<std::string>();
  found.missing_seconds = maybe(judgement->at("missing").at("seconds"));
  for (const json& metric : judgement->at("metrics")) {
    StoryMetric each{.name = metric.at("metric").get<std::string>(),
                     .log_harm = number_in(metric.at("log_harm")),
                     .harm_bar = metric.at("harm_bar").get<double>(),
                     .log_safe = maybe(metric.at("log_safe")),
                     .safe_bar = metric.at("safe_bar").get<double>(),
                     .power = number_in(metric.at("power"))};
    if (const auto slice = metric.at("slice").get<std::string>(); !slice.empty()) each.name += " in " + slice;
    found.metrics.push_back(std::move(each));
  }
  return found;
}

std::vector<StoryArm> arms_in(const json& arms) {
  std::vector<StoryArm> all;
  for (const json& arm : arms) {
    StoryArm& each = all.emplace_back();
    each.version = arm.at("version").get<std::uint64_t>();
    each.answers = arm.at("answers").get<std::uint64_t>();
    for (const auto& [kind, count] : arm.at("outcomes").items()) {
      each.outcomes.emplace_back(kind, count.get<std::uint64_t>());
    }
  }
  return all;
}

// As a decision keeps it (docs/formats/rollouts.md); other members are left out.
StoryCandidate kept_candidate(const json& kept) {
  StoryCandidate found{.verdict = kept.at("verdict").get<std::string>(),
                       .reason = kept.at("reason").get<std::string>()};
  found.log_harm = number_in(kept.at("log_harm"));
  found.harm_bar = number_in(kept.at("harm_bar"));
  found.holds = kept.value("holds", std::vector<std::string>{});
  if (const auto missing = kept.find("missing"); missing != kept.end() && missing->is_object()) {
    found.missing = missing->value("what", "");
    found.missing_seconds = maybe(missing->value("about_seconds", json()));
  }
  for (const json& finding : kept.at("findings")) {
    found.metrics.push_back({.name = finding.at("metric").get<std::string>(),
                             .log_harm = number_in(finding.at("log_harm")),
                             .harm_bar = number_in(finding.at("harm_bar")),
                             .log_safe = maybe(finding.value("log_safe", json())),
                             .safe_bar = number_in(finding.value("safe_bar", json())),
                             .power = number_in(finding.value("power", json()))});
  }
  return found;
}

// What each decision was made of, beside what was seen between them: where harm was found is where the curve ends.
void add_decided_points(Story& story, const std::vector<std::string>& pages) {
  for (const std::string& page : pages) {
    const json told = json::parse(page);
    for (const json& each : told.at("decisions")) {
      const json kept = json::parse(each.at("evidence").get<std::string>(), nullptr, false);
      if (!kept.is_object() || !kept.contains("candidates") || kept.at("candidates").empty()) continue;
      StoryPoint point{.at = seconds_in(each.at("at").get<std::string>())};
      std::optional<double> harm, safe;
      for (const json& candidate : kept.at("candidates")) {
        const StoryCandidate found = kept_candidate(candidate);
        harm = std::max(harm.value_or(found.log_harm), found.log_harm);
        for (const StoryMetric& metric : found.metrics) {
          if (metric.log_safe) safe = std::min(safe.value_or(*metric.log_safe), *metric.log_safe);
        }
      }
      point.log_harm = harm.value_or(0);
      point.log_safe = safe.value_or(0);
      story.curve.push_back(point);
    }
  }
  std::ranges::stable_sort(story.curve, {}, &StoryPoint::at);
}

// What the last decision that looked at evidence was made of, where the server knows no more.
void read_kept_evidence(Story& story, const std::vector<std::string>& pages) {
  std::uint64_t newest = 0;
  for (const std::string& page : pages) {
    const json told = json::parse(page);
    for (const json& each : told.at("decisions")) {
      const auto number = each.at("number").get<std::uint64_t>();
      const json kept = json::parse(each.at("evidence").get<std::string>(), nullptr, false);
      if (number < newest || !kept.is_object() || !kept.contains("candidates")) continue;
      newest = number;
      story.evidence.clear();
      story.arms = arms_in(kept.value("arms", json::array()));
      for (const json& candidate : kept.at("candidates")) story.evidence.push_back(kept_candidate(candidate));
    }
  }
}

void read_decisions(Story& story, const std::vector<std::string>& pages) {
  for (const std::string& page : pages) {
    const json told = json::parse(page);
    for (const json& each : told.at("decisions")) {
      const auto time = each.at("at").get<std::string>();
      story.decisions.push_back({.number = each.at("number").get<std::uint64_t>(),
                                 .at = seconds_in(time),
                                 .time = short_time(time),
                                 .actor = each.at("actor").get<std::string>(),
                                 .action = each.at("action").get<std::string>(),
                                 .state = each.at("state").get<std::string>(),
                                 .wants = shares_in(each.at("wants")),
                                 .reason = each.at("reason").get<std::string>()});
    }
  }
  std::ranges::sort(story.decisions, {}, &StoryDecision::number);
}

}  // namespace

Story read_story(std::string_view rollout, const std::vector<std::string>& decisions) {
  const json told = json::parse(rollout);
  Story story;
  story.number = told.at("rollout").get<std::uint64_t>();
  story.model = told.at("model").get<std::string>();
  story.environment = told.at("environment").get<std::string>();
  story.state = told.at("state").get<std::string>();
  story.reason = told.at("reason").get<std::string>();
  story.holding = told.at("holding").get<std::string>();
  if (!told.at("paused").is_null()) story.paused = told.at("paused").at("reason").get<std::string>();
  story.started_by = told.at("started_by").get<std::string>();
  story.started_at = told.at("started_at").get<std::string>();
  story.plan = told.at("plan").get<std::string>();
  story.control = told.at("control").get<std::uint64_t>();
  story.candidates = told.at("candidates").get<std::vector<std::uint64_t>>();
  if (!told.at("winner").is_null()) story.winner.emplace(told.at("winner").get<std::uint64_t>());
  story.step = told.at("step").get<std::uint64_t>();
  story.dwelt_seconds = told.at("dwelt_seconds").get<double>();
  story.wants = shares_in(told.at("wants"));
  for (const json& step : told.at("steps")) {
    story.steps.push_back({step.at("weight").get<std::uint64_t>(), step.at("dwell_seconds").get<double>(),
                           step.at("needs").get<std::string>(), step.at("approval").get<bool>()});
  }
  for (const json& each : told.at("evidence")) story.evidence.push_back(candidate_in(each));
  story.arms = arms_in(told.value("arms", json::array()));
  if (const auto curve = told.find("curve"); curve != told.end()) {
    for (const json& point : *curve) {
      story.curve.push_back({seconds_in(point.at("at").get<std::string>()), point.at("weight").get<std::uint64_t>(),
                             number_in(point.at("log_harm")), number_in(point.at("log_safe"))});
    }
  }
  read_decisions(story, decisions);
  add_decided_points(story, decisions);
  if (story.evidence.empty()) read_kept_evidence(story, decisions);
  return story;
}

}  // namespace slipway::cli
