#include "domain/proof/suite.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/invariant.h"
#include "domain/evidence/evidence.h"
#include "domain/stats/distribution.h"
#include "domain/stats/event_process.h"
#include "domain/stats/group_sequential.h"

namespace slipway::proof {
namespace {

using evidence::Evidence;
using evidence::Observation;
using stats::Arm;

constexpr std::uint64_t kRestartEvery = 5'000;  // answers, where there are faults

// GrowthBook's two-sided interval of a difference of means, tuned to 5,000, looked at from 500 on.
class AsymptoticSequence {
 public:
  bool rejects(Arm arm, double value) {
    const std::size_t i = arm == Arm::Candidate ? 1 : 0;
    count_.at(i) += 1;
    sum_.at(i) += value;
    squares_.at(i) += value * value;
    const double n = count_[0] + count_[1];
    if (n < 500 || std::fmod(n, 100) != 0 || count_[0] < 2 || count_[1] < 2) return false;
    const double alpha = 0.05, tuned = 5'000;
    const double rho = std::sqrt((-2 * std::log(alpha) + std::log(1 - 2 * std::log(alpha))) / tuned);
    const auto variance = [&](std::size_t j) {
      const double mean = sum_.at(j) / count_.at(j);
      return (squares_.at(j) / count_.at(j) - mean * mean) / count_.at(j);
    };
    const double se = std::sqrt(variance(0) + variance(1)), scaled = n * rho * rho + 1;
    const double half =
        se * std::sqrt(n) * std::sqrt(2 * scaled / (n * n * rho * rho) * std::log(std::sqrt(scaled) / alpha));
    return std::abs(sum_[1] / count_[1] - sum_[0] / count_[0]) > half;
  }

 private:
  std::array<double, 2> count_{}, sum_{}, squares_{};
};

// One rollout of a scenario.
class Rollout {
 public:
  Rollout(const Scenario& scenario, std::uint64_t seed)
      : scenario_(scenario),
        traffic_(scenario.course, seed),
        faults_(~seed),
        evidence_(*Evidence::create(scenario.plan)),
        is_quiet_(!scenario.course.has_latency && scenario.course.values == 0 && scenario.course.revenue_rate == 0 &&
                  scenario.course.slices == 0 && scenario.plan.unit == evidence::Unit::Request) {}

  void run(Score& score) {
    while (auto request = traffic_.next()) {
      count(*request);
      if (is_decided_) continue;
      if (scenario_.has_faults) spoil(*request);
      feed(*request, score);
      if (is_decided_ && !needs_all_traffic()) break;
    }
    finish(score);
  }

 private:
  bool needs_all_traffic() const { return scenario_.has_rivals || scenario_.has_asymptotic; }

  // Answers without an error, of metrics that only count errors, are handed over together.
  void feed(const Observation& request, Score& score) {
    if (is_quiet_ && !*request.error) {
      Observation& gathered = request.arm == Arm::Candidate ? quiet_[1] : quiet_[0];
      if (gathered.count > 0 && gathered.p != request.p) hand_over();
      const std::uint64_t before = gathered.count;
      gathered = request;
      gathered.count = before + 1;
      look_for_promotion(request, score);
      return;
    }
    hand_over();
    evidence_.observe(request);
    if (evidence_.is_harmful()) note_rollback(request, score);
    look_for_promotion(request, score);
  }

  void hand_over() {
    for (Observation& gathered : quiet_) {
      if (gathered.count > 0) evidence_.observe(gathered);
      gathered.count = 0;
    }
  }

  void look_for_promotion(const Observation& request, Score& score) {
    const bool wants = scenario_.target.least_promotions || scenario_.target.most_promotions;
    if (!wants || request.t < next_look_) return;
    next_look_ = request.t + 1;
    hand_over();
    if (!is_safe_ && evidence_.is_safe()) {
      is_safe_ = true;
      ++score.safe;
    }
    if (evidence_.verdict() != model::Verdict::Pass || is_rolled_back_) return;
    ++score.promoted;
    is_decided_ = true;
  }

  void note_rollback(const Observation& request, Score& score) {
    if (is_rolled_back_) return;
    is_rolled_back_ = true;
    ++score.rolled_back;
    score.minutes.push_back(request.t / 60);
    score.candidate.push_back(static_cast<double>(candidates_));
    score.requests.push_back(static_cast<double>(requests_));
    score.information.push_back(information_ / -std::log(scenario_.plan.alpha));
    const bool goes_on = scenario_.target.least_named || scenario_.target.most_promotions;
    is_decided_ = !goes_on;
  }

  // What every rule may see, and what an oracle would have learnt.
  void count(const Observation& request) {
    ++requests_;
    const std::size_t arm = request.arm == Arm::Candidate ? 1 : 0;
    candidates_ += arm;
    if (scenario_.target.oracle_ratio) {
      if (request.p != growth_p_) growth_ = stats::growth_of_events(scenario_.course.error_ratio, request.p).mean;
      growth_p_ = request.p;
      information_ += scenario_.course.error_rate * growth_;
    }
    if (scenario_.has_asymptotic && asymptotic_.rejects(request.arm, *request.outcome)) is_rejected_ = true;
    if (!scenario_.has_rivals) return;
    const auto minute = static_cast<std::size_t>(request.t / 60);
    if (minutes_.size() <= minute) minutes_.resize(minute + 1);
    Minute& now = minutes_[minute];
    ++now.requests.at(arm);
    now.errors.at(arm) += *request.error ? 1 : 0;
    if (request.latency_ms) now.latencies.at(arm).push_back(*request.latency_ms);
  }

  void spoil(Observation& request) {
    if (faults_.below(50) == 0) request.latency_ms = std::nan("");
    if (faults_.below(50) == 0) request.predictions[0] = std::nan("");
    if (faults_.below(50) == 0) request.t = -request.t;
    if (faults_.below(50) == 0) request.p = 0;
    if (requests_ % kRestartEvery != 0) return;
    auto restored = Evidence::restore(scenario_.plan, evidence_.state());
    invariant(restored.ok(), "evidence reads back what it kept");
    evidence_ = *std::move(restored);
  }

  void finish(Score& score) {
    for (std::size_t i = 0; i < kRivals.size() && scenario_.has_rivals; ++i) {
      score.rivals.at(i) += minute_of_rollback(kRivals.at(i), minutes_) > 0 ? 1 : 0;
    }
    score.asymptotic += is_rejected_ ? 1 : 0;
    if (scenario_.plan.slices.empty()) return;
    std::uint32_t right = 0, wrong = 0;
    for (const auto& finding : evidence_.judge(evidence::Detail::Brief).findings) {
      if (finding.slice.empty()) continue;
      const bool is_true = scenario_.course.slice_error_ratio != 1 && finding.slice == scenario_.plan.slices.front();
      ++(is_true ? right : wrong);
    }
    score.named += right > 0 ? 1 : 0;
    score.named_falsely += wrong;
    if (wrong > 0) score.false_share += static_cast<double>(wrong) / (right + wrong);
  }

  const Scenario& scenario_;
  Traffic traffic_;
  stats::Xoshiro256 faults_;
  Evidence evidence_;
  bool is_quiet_;
  std::array<Observation, 2> quiet_{Observation{.count = 0}, Observation{.count = 0}};
  std::vector<Minute> minutes_;
  AsymptoticSequence asymptotic_;
  std::uint64_t requests_ = 0, candidates_ = 0;
  double next_look_ = 0, information_ = 0, growth_ = 0, growth_p_ = 0;
  bool is_decided_ = false, is_rolled_back_ = false, is_safe_ = false, is_rejected_ = false;
};

// The most of n that chance 0.975 stays below, if each happens with probability p; and the least.
std::uint64_t most_by_chance(std::uint64_t n, double p) {
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
  const std::size_t middle = all / 2;
  const std::string median = middle < sorted.size() ? number(sorted[middle]) : "none";
  return {within >= least_by_chance(all, 0.5), what + " " + median + " (at most " + number(most) + ")"};
}

}  // namespace

Score play(const Scenario& scenario, std::uint32_t rollouts, std::uint64_t seed) {
  Score score{.rollouts = rollouts};
  for (std::uint32_t i = 0; i < rollouts; ++i) Rollout(scenario, seed + i).run(score);
  for (auto* values : {&score.minutes, &score.candidate, &score.requests, &score.information}) {
    std::ranges::sort(*values);
  }
  score.false_share /= rollouts;
  return score;
}

std::vector<Finding> hold_against(const Target& target, const Score& score) {
  std::vector<Finding> findings;
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
  const auto median = [&](const char* what, const std::vector<double>& sorted, const std::optional<double>& most) {
    if (most) findings.push_back(median_at_most(what, sorted, all, *most));
  };
  median("median minutes", score.minutes, target.median_minutes);
  median("median candidate requests", score.candidate, target.median_candidate);
  median("median requests", score.requests, target.median_requests);
  median("median of the oracle's information", score.information, target.oracle_ratio);
  if (target.least_promotions) findings.push_back(at_least("promoted", score.promoted, all, *target.least_promotions));
  if (target.most_promotions) findings.push_back(at_most("shown safe", score.safe, all, *target.most_promotions));
  if (target.least_named) findings.push_back(at_least("slice named", score.named, all, *target.least_named));
  if (target.most_named_falsely) {
    findings.push_back({score.false_share <= *target.most_named_falsely,
                        "false among named " + number(100 * score.false_share) + " % (at most " +
                            number(100 * *target.most_named_falsely) + " %)"});
  }
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
