#include "domain/proof/suite.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "domain/stats/distribution.h"
#include "domain/stats/group_sequential.h"
#include "domain/stats/proportion.h"

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

// With its interval, so that a share that is just kept does not look like one that is proved.
Finding with_interval(Finding finding, std::uint64_t found, std::uint64_t all) {
  const auto interval = stats::clopper_pearson({found, all}, 0.95);
  if (interval.ok()) finding.text += " [" + number(100 * interval->low) + ", " + number(100 * interval->high) + " %]";
  return finding;
}

// Of all rollouts; those that were not rolled back count as infinitely late.
Finding median_at_most(const std::string& what, const std::vector<double>& sorted, std::uint64_t all, double most) {
  const auto within = static_cast<std::uint64_t>(std::ranges::upper_bound(sorted, most) - sorted.begin());
  const auto middle = median(sorted, all);
  const std::string found = middle ? number(*middle) : "none";
  return {within >= least_by_chance(all, 0.5), what + " " + found + " (at most " + number(most) + ")"};
}

// Of all rollouts, as far as chance 0.975 allows.
Finding mean_at_most(const std::string& what, const Mean& found, double most) {
  const double error = found.standard_error;
  return {found.value <= most + 1.96 * error,
          what + " " + number(found.value) + " +- " + number(error) + " (at most " + number(most) + ")"};
}

void add_medians(std::vector<Finding>& findings, const Target& target, const Score& score) {
  const auto add = [&](const char* what, const std::vector<double>& sorted, const std::optional<double>& most) {
    if (most) findings.push_back(median_at_most(what, sorted, score.rollouts, *most));
  };
  add("median minutes", score.minutes, target.median_minutes);
  add("median candidate requests", score.candidate, target.median_candidate);
  add("median requests", score.requests, target.median_requests);
  add("median pairs", score.pairs, target.median_pairs);
  if (!target.oracle_ratio) return;
  add("median of the oracle's information", score.information, target.oracle_ratio);
  findings.push_back(mean_at_most("mean", score.mean_information, *target.oracle_ratio));
}

void add_series(std::vector<Finding>& findings, const Target& target, const Score& score) {
  if (target.most_false_share) {
    const Mean percent{100 * score.false_alarms.value, 100 * score.false_alarms.standard_error};
    findings.push_back(mean_at_most("false ones of its rollbacks, in %,", percent, 100 * *target.most_false_share));
  }
  if (target.least_found) {
    findings.push_back(with_interval(at_least("worse ones found", score.found, score.worse, *target.least_found),
                                     score.found, score.worse));
  }
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

Mean mean_of(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  for (const double value : values) squares += (value - sum / n) * (value - sum / n);
  return {sum / n, n > 1 ? std::sqrt(squares / (n - 1) / n) : 0};
}

Score score_of(std::span<const Outcome> outcomes) {
  std::vector<double> information, false_alarms;
  Score score{.rollouts = static_cast<std::uint32_t>(outcomes.size())};
  for (const Outcome& one : outcomes) {
    score.promoted += one.is_promoted ? 1 : 0;
    score.safe += one.was_safe ? 1 : 0;
    score.named += one.named;
    score.worse += one.worse;
    score.found += one.found;
    information.push_back(one.information);
    const std::uint32_t alarms = one.found + one.false_alarms;
    false_alarms.push_back(alarms > 0 ? one.false_alarms / static_cast<double>(alarms) : 0);
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
    score.pairs.push_back(one.pairs);
    score.information.push_back(one.information);
  }
  for (auto* values : {&score.minutes, &score.candidate, &score.requests, &score.pairs, &score.information})
    std::ranges::sort(*values);
  for (auto* rules : {&score.rival_minutes, &score.rival_candidate}) {
    for (auto& values : *rules) std::ranges::sort(values);
  }
  score.false_share /= score.rollouts;
  score.mean_information = mean_of(information);
  score.false_alarms = mean_of(false_alarms);
  return score;
}

std::vector<Finding> hold_against(const Scenario& scenario, const Score& score) {
  std::vector<Finding> findings;
  const Target& target = scenario.target;
  const std::uint64_t all = score.rollouts;
  if (target.most_rollbacks) {
    Finding finding =
        with_interval(at_most("rolled back", score.rolled_back, all, *target.most_rollbacks), score.rolled_back, all);
    if (target.is_violated) {
      finding.is_kept = !finding.is_kept;
      finding.text += ", which it has to miss";
    }
    findings.push_back(std::move(finding));
  }
  const auto told = [&](Finding finding, std::uint64_t found) {
    findings.push_back(with_interval(std::move(finding), found, all));
  };
  if (target.least_rollbacks) {
    told(at_least("rolled back", score.rolled_back, all, *target.least_rollbacks), score.rolled_back);
  }
  add_medians(findings, target, score);
  if (target.least_promotions) {
    told(at_least("promoted", score.promoted, all, *target.least_promotions), score.promoted);
  }
  if (target.most_promotions) told(at_most("promoted", score.promoted, all, *target.most_promotions), score.promoted);
  if (target.most_safe) told(at_most("ever shown safe", score.safe, all, *target.most_safe), score.safe);
  if (target.least_named) told(at_least("slice named", score.named, all, *target.least_named), score.named);
  if (target.most_named_falsely) {
    findings.push_back({score.false_share <= *target.most_named_falsely,
                        "false among named " + number(100 * score.false_share) + " % (at most " +
                            number(100 * *target.most_named_falsely) + " %)"});
  }
  add_series(findings, target, score);
  add_rivals(findings, scenario, score);
  return findings;
}

bool is_asked(const Scenario& scenario, Rival rival) {
  if (scenario.rivals.empty()) return false;
  if (rival == Rival::Uncorrected) return scenario.course.slices > 0 && !scenario.course.is_counted();
  const bool needs_outcomes = rival == Rival::AsymptoticSequence;
  return needs_outcomes == (scenario.course.revenue_rate > 0);
}

std::vector<Finding> cost_of(const Score& equal, const Score& worse) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const double wrong = equal.share_rolled_back(), late = median(worse.candidate, worse.rollouts).value_or(kNever);
  std::vector<Finding> findings;
  for (const Rival rival : kRivals) {
    const auto i = static_cast<std::size_t>(rival);
    const double costs = median(worse.rival_candidate.at(i), worse.rollouts).value_or(kNever);
    if (equal.share_of(rival) > wrong || costs > late) continue;
    findings.push_back({false, std::string(name_of(rival)) + " is wrong in " + number(100 * equal.share_of(rival)) +
                                   " % and costs " + number(costs) + " requests"});
  }
  const std::string ours = "wrong in " + number(100 * wrong) + " %, costs " + number(late) + " requests";
  findings.insert(findings.begin(), {late < kNever, ours + ": no rule is as seldom wrong and as soon"});
  return findings;
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
