// The story of a rollout, from what the server tells of it: for terminals, and as pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/chart.h"

namespace slipway::cli {

struct StoryShare {
  std::uint64_t version = 0;
  std::uint64_t share = 0;  // basis points
};

struct StoryDecision {
  std::uint64_t number = 0;
  double at = 0;      // seconds since 1970
  std::string time;   // "2026-11-22 10:00:00"
  std::string actor;  // empty: the controller
  std::string action;
  std::string state;
  std::vector<StoryShare> wants;
  std::string reason;
};

// What one metric says; e-values by their logarithms.
struct StoryMetric {
  std::string name;
  double log_harm = 0, harm_bar = 0;
  std::optional<double> log_safe;
  double safe_bar = 0, power = 0;
};

struct StoryCandidate {
  std::string verdict, reason;
  double log_harm = 0, harm_bar = 0;
  std::vector<StoryMetric> metrics;
  std::vector<std::string> holds;
  std::string missing;
  std::optional<double> missing_seconds;
};

// How many of a version's predictions have an outcome.
struct StoryArm {
  std::uint64_t version = 0, answers = 0;
  std::vector<std::pair<std::string, std::uint64_t>> outcomes;  // by kind
};

struct StoryStep {
  std::uint64_t weight = 0;  // basis points
  double dwell_seconds = 0;
  std::string needs;
  bool approval = false;
};

struct StoryPoint {
  double at = 0;
  std::uint64_t weight = 0;
  double log_harm = 0, log_safe = 0;
};

// A value. Texts are as they came: not cleaned.
struct Story {
  std::uint64_t number = 0;
  std::string model, environment, state, reason, holding, paused;  // paused: why, empty if it is not
  std::string started_by, started_at, plan;
  std::uint64_t control = 0;
  std::vector<std::uint64_t> candidates;
  std::optional<std::uint64_t> winner;
  std::uint64_t step = 0;
  double dwelt_seconds = 0;
  std::vector<StoryShare> wants;
  std::vector<StoryStep> steps;
  std::vector<StoryCandidate> evidence;  // of each candidate, as far as the server knows it
  std::vector<StoryArm> arms;            // of control and each candidate, as far as the server knows it
  std::vector<StoryPoint> curve;
  std::vector<StoryDecision> decisions;  // oldest first

  bool is_over() const { return state == "completed" || state == "aborted"; }
};

// `rollout`: the answer of GET /api/v1/rollouts/N; `decisions`: the pages of its decisions, newest first. Throws what
// the JSON library throws where an answer is not Slipway's.
Story read_story(std::string_view rollout, const std::vector<std::string>& decisions);

// Both in plain words: what was asked, what happened, why, and what it would have needed.
std::string story_text(const Story& story, std::size_t columns);
std::string story_page(const Story& story);  // HTML without anything from elsewhere
std::vector<Chart> story_charts(const Story& story);

// The state now, a few lines; for `watch`.
std::string standing_text(const Story& story, std::size_t columns);
// How long the step still takes, if all goes on as it does now; none: nobody can say.
std::optional<double> step_eta(const Story& story);

// "labels: version 3 90 of 100 (90 %), version 4 8 of 10 (80 %)" for each kind that came.
std::vector<std::string> join_texts(const Story& story);

std::string percent_text(std::uint64_t basis_points);  // "2.5 %"
std::string shares_text(const std::vector<StoryShare>& shares);
// The e-value whose logarithm this is, whatever its size.
std::string e_value_text(double log);

}  // namespace slipway::cli
