#include "domain/rollout/bandit.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "domain/stats/best_arm.h"

namespace slipway::rollout {
namespace {

using model::BasisPoints;

constexpr double kLinUcbWidths = 1;  // of what is not known, on top of what is

// Shares of the best arm alone; ties are parted equally.
std::vector<double> greedy(std::span<const double> scores) {
  const double best = *std::max_element(scores.begin(), scores.end());
  std::vector<double> shares(scores.size(), 0);
  const auto tied = static_cast<double>(std::count(scores.begin(), scores.end(), best));
  for (std::size_t i = 0; i < scores.size(); ++i) shares[i] = scores[i] == best ? 1 / tied : 0;
  return shares;
}

std::vector<double> wanted_shares(const Bandit& bandit, std::span<const Arm> arms, WallTime now) {
  std::vector<stats::ArmSample> samples;
  std::vector<double> scores;
  double total = 0;
  for (const Arm& arm : arms) {
    samples.push_back({arm.rewards, arm.mean, arm.variance});
    total += arm.rewards;
  }
  switch (bandit.policy) {
    case Policy::ThompsonBernoulli:
      return stats::chances_of_best_rate(samples);
    case Policy::ThompsonGaussian:
      return stats::chances_of_best_mean(samples);
    case Policy::Ucb1:
      // Auer, Cesa-Bianchi and Fischer, "Finite-time analysis of the multiarmed bandit problem", 2002.
      for (const Arm& arm : arms) scores.push_back(arm.mean + std::sqrt(2 * std::log(total) / arm.rewards));
      return greedy(scores);
    case Policy::LinUcb:
      for (const Arm& arm : arms) {
        const auto [mean, width] = arm.by_time.score(context_of(now));
        scores.push_back(mean + kLinUcbWidths * width);
      }
      return greedy(scores);
    case Policy::EpsilonGreedy: {
      for (const Arm& arm : arms) scores.push_back(arm.mean);
      std::vector<double> shares = greedy(scores);
      const double explored = bandit.epsilon / static_cast<double>(arms.size());
      for (double& share : shares) share = (1 - bandit.epsilon) * share + explored;
      return shares;
    }
  }
  return {};
}

// Whole basis points within each arm's bounds that come nearest to `wanted` and sum to `whole`.
// Requires: the sum of the lower bounds <= whole <= the sum of the upper ones.
std::vector<std::int64_t> fit(std::span<const double> wanted, std::span<const std::int64_t> low,
                              std::span<const std::int64_t> high, std::int64_t whole) {
  std::vector<std::int64_t> shares(wanted.size());
  std::int64_t left = whole;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto asked = std::llround(wanted[i] * static_cast<double>(whole));
    shares[i] = std::clamp<std::int64_t>(asked, low[i], high[i]);
    left -= shares[i];
  }
  // What rounding and bounds left over goes, arm by arm, where it may.
  for (std::size_t i = 0; i < wanted.size() && left != 0; ++i) {
    const std::int64_t moved = std::clamp(left, low[i] - shares[i], high[i] - shares[i]);
    shares[i] += moved;
    left -= moved;
  }
  return shares;
}

}  // namespace

std::array<double, kContextFeatures> context_of(WallTime at) {
  const auto angle = [&](Duration period) {
    const auto within = std::chrono::duration<double>(at.time_since_epoch() % period);
    return 2 * std::numbers::pi * (within / std::chrono::duration<double>(period));
  };
  const double day = angle(std::chrono::hours(24)), week = angle(std::chrono::hours(7 * 24));
  return {1, std::sin(day), std::cos(day), std::sin(week), std::cos(week)};
}

BasisPoints floor_of(const Bandit& bandit, std::size_t arms) {
  return bandit.floor.value_or(BasisPoints{arms <= 2 ? 500u : 200u});
}

std::vector<BasisPoints> next_weights(const Bandit& bandit, std::span<const Arm> arms,
                                      std::span<const BasisPoints> present, WallTime now) {
  std::vector<BasisPoints> weights(present.begin(), present.end());
  std::vector<std::size_t> live;
  std::vector<Arm> playing;
  bool has_enough = true;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (i > 0 && arms[i].is_frozen) {
      weights[0].count += weights[i].count;
      weights[i].count = 0;
      continue;
    }
    live.push_back(i);
    playing.push_back(arms[i]);
    const double enough = std::max(2.0, bandit.least_rewards);
    has_enough = has_enough && arms[i].rewards >= enough && std::isfinite(arms[i].mean);
  }
  if (!has_enough || live.size() < 2) return weights;
  std::vector<std::int64_t> low;
  std::vector<std::int64_t> high;
  const std::int64_t move = bandit.largest_move.count;
  for (const std::size_t i : live) {
    const std::int64_t had = weights[i].count;
    const std::int64_t floor = std::min<std::int64_t>(floor_of(bandit, live.size()).count, had + move);
    low.push_back(std::max(floor, had - move));
    high.push_back(std::min<std::int64_t>(model::kWhole.count, had + move));
  }
  // An arm that came below the floor has to rise, which may need more than one update of the others.
  std::int64_t least = 0;
  for (const std::int64_t bound : low) least += bound;
  if (least > model::kWhole.count) return weights;
  const auto shares = fit(wanted_shares(bandit, playing, now), low, high, model::kWhole.count);
  for (std::size_t k = 0; k < live.size(); ++k) weights[live[k]].count = static_cast<std::uint32_t>(shares[k]);
  return weights;
}

std::vector<Step> steps_of(const Bandit& strategy) {
  return {
      {.weight = {5'000}, .dwell = strategy.dwell, .limit = strategy.limit, .needs = Needs::Pass, .is_adaptive = true}};
}

}  // namespace slipway::rollout
