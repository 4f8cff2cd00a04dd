#include "cli/rollout_story.h"

#include <algorithm>
#include <cmath>

namespace slipway::cli {
namespace {

constexpr std::size_t kBarWidth = 20;

std::string versions_text(const std::vector<std::uint64_t>& versions) {
  std::string text = versions.size() == 1 ? "version " : "versions ";
  for (std::size_t i = 0; i < versions.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(versions[i]);
  return text;
}

std::uint64_t weight_of(const Story& story, const std::vector<StoryShare>& shares) {
  std::uint64_t weight = 0;
  for (const StoryShare& each : shares) weight += each.version == story.control ? 0 : each.share;
  return weight;
}

// "[#####---------------] 3.2 of 40"
std::string bar_text(double log, double bar) {
  const double part = bar > 0 ? std::clamp(log / bar, 0.0, 1.0) : 0;
  const auto filled = static_cast<std::size_t>(std::floor(part * kBarWidth));
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') + "] " + e_value_text(log) + " of " +
         e_value_text(bar);
}

// What is missing has a line of its own, which a narrow terminal does not cut off.
std::string without_missing(const std::string& text) {
  return text.substr(0, text.find("; missing: "));
}

std::string ways_text(const Story& story) {
  std::string text;
  for (const StoryStep& step : story.steps) {
    text += (text.empty() ? "" : ", ") + percent_text(step.weight);
    if (step.approval) text += " (after an approval)";
  }
  return text;
}

struct Part {
  std::string title;
  std::vector<std::string> lines;
};

Part asked(const Story& story) {
  Part part{"What was asked", {}};
  part.lines.push_back(versions_text(story.candidates) + " of " + story.model + " should take over from version " +
                       std::to_string(story.control) + " in " + story.environment + ".");
  if (!story.decisions.empty() && story.decisions.front().action == "start") {
    part.lines.push_back(story.decisions.front().time + "  " + story.decisions.front().reason);
  }
  if (!story.steps.empty()) {
    const bool is_whole = story.steps.back().weight >= 10'000;
    part.lines.push_back("Planned in " + std::to_string(story.steps.size()) + " steps: " + ways_text(story) +
                         (is_whole ? "." : "; then all traffic."));
  }
  return part;
}

Part happened(const Story& story) {
  Part part{"What happened", {}};
  for (const StoryDecision& each : story.decisions) {
    const std::string who = each.actor.empty() ? "" : " [" + each.actor + "]";
    part.lines.push_back(each.time + "  " + each.state + ", " + percent_text(weight_of(story, each.wants)) +
                         " to the candidate" + who + ": " + each.reason);
  }
  return part;
}

// Of an end, why; of a rollout that goes on, what it waits for.
Part why(const Story& story) {
  if (story.state == "completed") {
    return {"Why it went through",
            {"Version " + std::to_string(story.winner.value_or(0)) + " has all traffic: " + story.reason + "."}};
  }
  if (story.state == "aborted" || story.state == "restoring") {
    return {"Why it went back",
            {"Version " + std::to_string(story.control) + " has all traffic: " + story.reason + "."}};
  }
  Part part{"Why it stands where it does", {}};
  if (!story.paused.empty()) part.lines.push_back("It is paused: " + story.paused + ".");
  part.lines.push_back(story.holding.empty() ? "Nothing holds it: " + story.reason + "." : story.holding + ".");
  return part;
}

void tell_candidate(Part& part, const Story& story, std::size_t index) {
  const StoryCandidate& each = story.evidence[index];
  const std::string who = index < story.candidates.size() ? "version " + std::to_string(story.candidates[index]) : "";
  if (each.harm_bar > 0) {
    part.lines.push_back("Evidence that " + who + " does harm: " + bar_text(each.log_harm, each.harm_bar) +
                         (each.log_harm >= each.harm_bar ? ", reached: it had to stay below" : ", which rolls back"));
  } else {
    part.lines.push_back("Of " + who + ": " + each.verdict + ", " + each.reason);
  }
  for (const StoryMetric& metric : each.metrics) {
    if (!metric.log_safe) continue;
    part.lines.push_back("Evidence that " + metric.name +
                         " is no worse: " + bar_text(*metric.log_safe, metric.safe_bar) +
                         (*metric.log_safe >= metric.safe_bar ? ", shown" : ", not shown yet"));
  }
  for (const std::string& hold : each.holds) part.lines.push_back("Holds whatever else is shown: " + hold);
  if (!each.missing.empty()) part.lines.push_back("Missing: " + each.missing);
}

Part needed(const Story& story) {
  Part part{story.is_over() ? "What it would have needed" : "What it needs", {}};
  for (std::size_t i = 0; i < story.evidence.size(); ++i) tell_candidate(part, story, i);
  for (const std::string& text : join_texts(story)) part.lines.push_back("Outcomes: " + text);
  if (part.lines.empty()) part.lines.emplace_back("No evidence is known for it; its plan may ask for none.");
  return part;
}

std::vector<Part> parts_of(const Story& story) {
  return {asked(story), happened(story), why(story), needed(story)};
}

std::string headline(const Story& story) {
  std::string text = "rollout " + std::to_string(story.number) + " of " + story.model + " in " + story.environment +
                     ": " + story.state;
  if (!story.is_over() && !story.steps.empty()) {
    text += ", step " + std::to_string(story.step) + " of " + std::to_string(story.steps.size());
  }
  if (!story.paused.empty()) text += ", paused";
  return text;
}

// For HTML's text.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char each : text) {
    switch (each) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(each) < 0x20 && each != '\n' && each != '\t' ? ' ' : each;
    }
  }
  return out;
}

}  // namespace

std::string percent_text(std::uint64_t basis_points) {
  const std::string rest = std::to_string(basis_points % 100);
  return std::to_string(basis_points / 100) + (basis_points % 100 == 0 ? "" : (rest.size() == 1 ? ".0" : ".") + rest) +
         " %";
}

std::string shares_text(const std::vector<StoryShare>& shares) {
  std::string text;
  for (const StoryShare& each : shares) {
    text += (text.empty() ? "" : ", ") + std::to_string(each.version) + " at " + percent_text(each.share);
  }
  return text;
}

std::string e_value_text(double log) {
  return log < std::log(1e6) ? shown_number(std::exp(log)) : "10^" + shown_number(log / std::log(10.0));
}

std::vector<Chart> story_charts(const Story& story) {
  double begin = 0;
  if (!story.decisions.empty()) begin = story.decisions.front().at;
  if (!story.curve.empty() && (begin == 0 || story.curve.front().at < begin)) begin = story.curve.front().at;
  Chart evidence{.title = "Evidence over time (natural logarithm of the e-value)",
                 .lines = {{"that it does harm", '*', {}}, {"that it is no worse", 'o', {}}},
                 .bars = {},
                 .lowest = 0,
                 .highest = 1};
  Chart weight{.title = "Share of traffic of the candidates, in percent",
               .lines = {{"as served", '#', {}}},
               .bars = {},
               .lowest = 0,
               .highest = 100,
               .is_stepped = true};
  for (const StoryPoint& point : story.curve) {
    evidence.lines[0].points.emplace_back(point.at - begin, point.log_harm);
    evidence.lines[1].points.emplace_back(point.at - begin, point.log_safe);
    evidence.highest = std::max({evidence.highest, point.log_harm * 1.1, point.log_safe * 1.1});
    evidence.lowest = std::min({evidence.lowest, point.log_harm, point.log_safe});
  }
  evidence.lowest = std::max(evidence.lowest, -20.0);
  evidence.highest = std::min(evidence.highest, 60.0);
  if (!story.evidence.empty() && story.evidence.front().harm_bar > 0) {
    const StoryCandidate& first = story.evidence.front();
    evidence.bars.emplace_back("rolls back", first.harm_bar);
    evidence.highest = std::max(evidence.highest, first.harm_bar * 1.2);
    if (!first.metrics.empty() && std::abs(first.metrics.front().safe_bar - first.harm_bar) > 1e-9) {
      evidence.bars.emplace_back("shows that it is no worse", first.metrics.front().safe_bar);
    }
  }
  for (const StoryDecision& each : story.decisions) {
    weight.lines[0].points.emplace_back(each.at - begin, static_cast<double>(weight_of(story, each.wants)) / 100);
  }
  if (!story.curve.empty() && !story.decisions.empty() && story.curve.back().at > story.decisions.back().at) {
    weight.lines[0].points.emplace_back(story.curve.back().at - begin, weight.lines[0].points.back().second);
  }
  std::vector<Chart> charts;
  if (!story.curve.empty()) charts.push_back(std::move(evidence));
  charts.push_back(std::move(weight));
  return charts;
}

std::string story_text(const Story& story, std::size_t columns) {
  std::string text = headline(story) + "\n";
  for (const Part& part : parts_of(story)) {
    text += "\n" + part.title + "\n";
    for (const std::string& line : part.lines) text += "  " + line + "\n";
  }
  for (const Chart& chart : story_charts(story)) text += "\n" + chart_text(chart, columns, 10);
  return text;
}

std::string story_page(const Story& story) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
      "<title>" +
      escaped(headline(story)) +
      "</title><style>body{font:15px sans-serif;color:#1c2733;max-width:900px;margin:2em auto;padding:0 1em}"
      "h1{font-size:1.3em}h2{font-size:1.05em}pre{background:#f6f6f3;padding:1em;overflow:auto}</style></head><body>\n"
      "<h1>" +
      escaped(headline(story)) + "</h1>\n";
  for (const Part& part : parts_of(story)) {
    page += "<h2>" + escaped(part.title) + "</h2>\n<ul>\n";
    for (const std::string& line : part.lines) page += "<li>" + escaped(line) + "</li>\n";
    page += "</ul>\n";
  }
  page += charts_svg(story_charts(story));
  return page + "<h2>The plan</h2>\n<pre>" + escaped(story.plan) + "</pre>\n</body></html>\n";
}

std::optional<double> step_eta(const Story& story) {
  if (story.state != "observing" || !story.paused.empty() || story.step == 0 || story.step > story.steps.size()) {
    return std::nullopt;
  }
  const StoryStep& step = story.steps[story.step - 1];
  double eta = std::max(0.0, step.dwell_seconds - story.dwelt_seconds);
  if (step.needs == "nothing") return eta;
  for (const StoryCandidate& each : story.evidence) {
    if (each.verdict == "pass") continue;
    if (!each.missing_seconds) return std::nullopt;
    eta = std::max(eta, *each.missing_seconds);
  }
  return eta;
}

std::string standing_text(const Story& story, std::size_t columns) {
  std::string text = headline(story) + "\n";
  const double weight = static_cast<double>(weight_of(story, story.wants)) / 10'000;
  const std::size_t width = std::clamp<std::size_t>(columns, 40, 100) - 20;
  const auto filled = static_cast<std::size_t>(std::lround(std::clamp(weight, 0.0, 1.0) * static_cast<double>(width)));
  text += "  traffic  [" + std::string(filled, '#') + std::string(width - filled, '.') + "]\n";
  text += "           " + shares_text(story.wants) + "\n";
  for (std::size_t i = 0; i < story.evidence.size(); ++i) {
    const StoryCandidate& each = story.evidence[i];
    if (i < story.candidates.size()) text += "  version " + std::to_string(story.candidates[i]) + ": ";
    text += each.verdict + ", " + without_missing(each.reason) + "\n";
    if (each.harm_bar > 0) text += "    harm     " + bar_text(each.log_harm, each.harm_bar) + "\n";
    for (const StoryMetric& metric : each.metrics) {
      text += "    " + metric.name + ": harm " + bar_text(metric.log_harm, metric.harm_bar);
      if (metric.log_safe) text += ", no worse " + bar_text(*metric.log_safe, metric.safe_bar);
      text += "\n";
    }
  }
  for (const StoryCandidate& each : story.evidence) {
    if (!each.missing.empty()) text += "  missing: " + each.missing + "\n";
  }
  for (const std::string& joins : join_texts(story)) text += "  " + joins + "\n";
  if (const auto eta = step_eta(story)) text += "  this step takes about " + shown_seconds(*eta) + " more\n";
  if (!story.paused.empty()) text += "  paused: " + story.paused + "\n";
  if (!story.holding.empty()) text += "  now: " + without_missing(story.holding) + "\n";
  return text + "  last: " + story.reason + "\n";
}

}  // namespace slipway::cli
