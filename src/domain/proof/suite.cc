#include "domain/proof/suite.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "domain/stats/distribution.h"
#include "domain/stats/group_sequential.h"

namespace slipway::proof {
namespace {

// The most of n that chance 0.975 stays below, if each happens with probability p; and the least.
std::uint64_t most_by_chance(std::uint64_t n, double p) {
  if (!(p > 0)) return 0;
  std::uint64_t most = 0;
  while (most < n && stats::binomial_at_most(most, n, p) < 0.975) ++most;
  return most;
}
std::uint64_t least_by_chance(std::uint64_t n, double p) {
  return n - most_by_chance(n, 1 - p);
}

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

std::string of(std::uint64_t count, std::uint64_t all) {
  return std::to_string(count) + " of " + std::to_string(all);
}

Finding at_most(const std::string& what, std::uint64_t found, std::uint64_t all, double share) {
  const std::uint64_t most = most_by_chance(all, share);
  return {found <= most, what + " " + of(found, all) + " (at most " + std::to_string(most) + ")"};
}

Finding at_least(const std::string& what, std::uint64_t found, std::uint64_t all, double share) {
  const std::uint64_t least = least_by_chance(all, share);
  return {found >= least, what + " " + of(found, all) + " (at least " + std::to_string(least) + ")"};
}

// Of all rollouts; those that were not rolled back count as infinitely late.
Finding median_at_most(const std::string& what, const std::vector<double>& sorted, std::uint64_t all, double most) {
  const auto within = static_cast<std::uint64_t>(std::ranges::upper_bound(sorted, most) - sorted.begin());
  const auto middle = median(sorted, all);
  const std::string found = middle ? number(*middle) : "none";
  return {within >= least_by_chance(all, 0.5), what + " " + found + " (at most " + number(most) + ")"};
}

void add_medians(std::vector<Finding>& findings, const Target& target, const Score& score) {
  const auto add = [&](const char* what, const std::vector<double>& sorted, const std::optional<double>& most) {
    if (most) findings.push_back(median_at_most(what, sorted, score.rollouts, *most));
  };
  add("median minutes", score.minutes, target.median_minutes);
  add("median candidate requests", score.candidate, target.median_candidate);
  add("median requests", score.requests, target.median_requests);
  add("median of the oracle's information", score.information, target.oracle_ratio);
}

void add_rivals(std::vector<Finding>& findings, const Scenario& scenario, const Score& score) {
  for (const RivalTarget& target : scenario.rivals) {
    const std::uint64_t found = score.rivals.at(static_cast<std::size_t>(target.rival));
    const std::string what = std::string(name_of(target.rival)) + " rolls back";
    if (target.least > 0) findings.push_back(at_least(what, found, score.rollouts, target.least));
    if (target.most < 1) findings.push_back(at_most(what, found, score.rollouts, target.most));
  }
}

}  // namespace

std::optional<double> median(std::span<const double> sorted, std::uint64_t all) {
  const std::size_t middle = all / 2;
  if (middle >= sorted.size()) return std::nullopt;
  return sorted[middle];
}

Score score_of(std::span<const Outcome> outcomes) {
  Score score{.rollouts = static_cast<std::uint32_t>(outcomes.size())};
  for (const Outcome& one : outcomes) {
    score.promoted += one.is_promoted ? 1 : 0;
    score.safe += one.was_safe ? 1 : 0;
    score.named += one.named;
    if (one.named_falsely > 0)
      score.false_share += one.named_falsely / static_cast<double>(one.named + one.named_falsely);
    for (std::size_t i = 0; i < kRivals.size(); ++i) {
      if (one.rivals.at(i).minute == 0) continue;
      ++score.rivals.at(i);
      score.rival_minutes.at(i).push_back(one.rivals.at(i).minute);
      score.rival_candidate.at(i).push_back(static_cast<double>(one.rivals.at(i).candidate));
    }
    if (!one.is_rolled_back) continue;
    ++score.rolled_back;
    score.minutes.push_back(one.minutes);
    score.candidate.push_back(one.candidate);
    score.requests.push_back(one.requests);
    score.information.push_back(one.information);
  }
  for (auto* values : {&score.minutes, &score.candidate, &score.requests, &score.information})
    std::ranges::sort(*values);
  for (auto* rules : {&score.rival_minutes, &score.rival_candidate}) {
    for (auto& values : *rules) std::ranges::sort(values);
  }
  score.false_share /= score.rollouts;
  return score;
}

std::vector<Finding> hold_against(const Scenario& scenario, const Score& score) {
  std::vector<Finding> findings;
  const Target& target = scenario.target;
  const std::uint64_t all = score.rollouts;
  if (target.most_rollbacks) {
    Finding finding = at_most("rolled back", score.rolled_back, all, *target.most_rollbacks);
    if (target.is_violated) {
      finding.is_kept = !finding.is_kept;
      finding.text += ", which it has to miss";
    }
    findings.push_back(std::move(finding));
  }
  if (target.least_rollbacks) {
    findings.push_back(at_least("rolled back", score.rolled_back, all, *target.least_rollbacks));
  }
  add_medians(findings, target, score);
  if (target.least_promotions) findings.push_back(at_least("promoted", score.promoted, all, *target.least_promotions));
  if (target.most_promotions) findings.push_back(at_most("promoted", score.promoted, all, *target.most_promotions));
  if (target.most_safe) findings.push_back(at_most("ever shown safe", score.safe, all, *target.most_safe));
  if (target.least_named) findings.push_back(at_least("slice named", score.named, all, *target.least_named));
  if (target.most_named_falsely) {
    findings.push_back({score.false_share <= *target.most_named_falsely,
                        "false among named " + number(100 * score.false_share) + " % (at most " +
                            number(100 * *target.most_named_falsely) + " %)"});
  }
  add_rivals(findings, scenario, score);
  return findings;
}

bool is_asked(const Scenario& scenario, Rival rival) {
  const bool needs_outcomes = rival == Rival::AsymptoticSequence;
  return !scenario.rivals.empty() && needs_outcomes == (scenario.course.revenue_rate > 0);
}

std::vector<Finding> planned_test() {
  const auto constant = stats::boundary_constant(stats::Shape::ObrienFleming, 0.05, 10);
  if (!constant.ok()) return {{false, constant.error().message}};
  std::vector<double> shares, bounds;
  for (int look = 1; look <= 10; ++look) {
    shares.push_back(look / 10.0);
    bounds.push_back(*constant * std::sqrt(10.0 / look));
  }
  const double drift = 1.974;  // half of the planned tests find it in one look
  const double level = stats::crossing_probability(bounds, shares, 0);
  const double power = stats::crossing_probability(bounds, shares, drift);
  const double once = stats::normal_upper(1.959963984540054 - drift) + stats::normal_lower(-1.959963984540054 - drift);
  return {{level > 0.045 && level < 0.055, "level " + number(100 * level) + " % (4.5 to 5.5)"},
          {once - power <= 0.02,
           "power " + number(100 * power) + " %, one look's " + number(100 * once) + " % (at most 2 points less)"}};
}

}  // namespace slipway::proof
