#include "domain/rollout/plan.h"

#include <algorithm>

namespace slipway::rollout {
namespace {

using model::BasisPoints;

constexpr std::uint64_t kLeastUnits = 100, kMostUnits = 1'000'000'000'000;
constexpr Duration kLeastUpdate = std::chrono::seconds(10);  // each moves what is served

std::string percent(BasisPoints share) {
  std::string text = std::to_string(share.count / 100);
  if (share.count % 100 != 0) {
    text += share.count % 100 < 10 ? ".0" : ".";
    text += std::to_string(share.count % 100 % 10 == 0 ? share.count % 100 / 10 : share.count % 100);
  }
  return text + " %";
}

std::string place(std::size_t stage, const Strategy& strategy) {
  return "stage " + std::to_string(stage + 1) + " (" + std::string(name_of(strategy)) + ")";
}

Result<void> check_weights(std::span<const BasisPoints> weights) {
  if (weights.empty()) return invalid_input("expected at least one weight, found none");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].count == 0 || weights[i] > model::kWhole) {
      return invalid_input("weight " + std::to_string(i + 1) + ": expected above 0 % and at most 100 %, found " +
                           percent(weights[i]));
    }
    if (i > 0 && weights[i] <= weights[i - 1]) {
      return invalid_input("weight " + std::to_string(i + 1) + ": expected more than the " + percent(weights[i - 1]) +
                           " before it, found " + percent(weights[i]) + "; a rollout goes forwards");
    }
  }
  return {};
}

Result<void> check_share(std::string_view what, BasisPoints share, std::uint32_t least, std::uint32_t most) {
  if (share.count >= least && share.count <= most) return {};
  return invalid_input(std::string(what) + ": expected " + percent({least}) + " to " + percent({most}) + ", found " +
                       percent(share));
}

// What a schedule cannot tell of each strategy.
struct Check {
  Result<void> operator()(const Shadow& each) const { return check_share("mirrored", each.mirrored, 1, 10'000); }
  Result<void> operator()(const Canary& each) const {
    TRY(check_weights(each.weights));
    if (each.weights.front() == model::kWhole) {
      return invalid_input("weight 1: expected less than 100 %, on which nothing could be compared, found 100 %");
    }
    const auto largest = std::find_if(each.weights.rbegin(), each.weights.rend(),
                                      [](BasisPoints weight) { return weight < model::kWhole; });
    return check_share("holdback", each.holdback, 0, model::kWhole.count - largest->count);
  }
  Result<void> operator()(const BlueGreen&) const { return {}; }
  Result<void> operator()(const Rolling& each) const {
    if (each.parts >= 2 && each.parts <= kMostSteps) return {};
    return invalid_input("parts: expected 2 to " + std::to_string(kMostSteps) + ", found " +
                         std::to_string(each.parts));
  }
  Result<void> operator()(const ChampionChallenger& each) const {
    TRY(check_weights(each.weights));
    if (each.weights.front() < model::kWhole) return {};
    return invalid_input("weight 1: expected less than 100 %, on which nothing could be compared, found 100 %");
  }
  Result<void> operator()(const AbTest& each) const {
    if (each.horizon <= Duration{0}) {
      return invalid_input("horizon: expected more than 0s, found " + to_string(each.horizon));
    }
    const bool is_fixed = each.mode == Horizon::Fixed;
    if (is_fixed && (each.units < kLeastUnits || each.units > kMostUnits)) {
      return invalid_input("units: expected " + std::to_string(kLeastUnits) + " to " + std::to_string(kMostUnits) +
                           ", of both versions together at the last look, found " + std::to_string(each.units));
    }
    if (!is_fixed && each.units != 0) return invalid_input("units: expected only with mode: fixed");
    if (each.looks == 0 || each.looks > stats::kMostLooks) {
      return invalid_input("looks: expected 1 to " + std::to_string(stats::kMostLooks) + ", found " +
                           std::to_string(each.looks));
    }
    return check_share("weight", each.weight, 1, 9'999);
  }
  Result<void> operator()(const Bandit& each) const {
    if (!(each.epsilon > 0 && each.epsilon < 1)) {
      return invalid_input("epsilon: expected between 0 and 1, found " + std::to_string(each.epsilon));
    }
    if (!(each.least_rewards >= 2 && each.least_rewards <= 1e9)) {
      return invalid_input("least_rewards: expected 2 to 1000000000, found " + std::to_string(each.least_rewards));
    }
    if (each.update_every < kLeastUpdate) {
      return invalid_input("update_every: expected at least " + to_string(kLeastUpdate) + ", found " +
                           to_string(each.update_every));
    }
    TRY(check_share("largest_move", each.largest_move, 1, 10'000));
    return check_share("floor", each.floor.value_or(BasisPoints{200}), 1, 5'000);
  }
};

Result<void> check_times(const Step& step, std::size_t number) {
  const std::string where = "step " + std::to_string(number + 1) + ": ";
  if (step.dwell < Duration{0}) return invalid_input(where + "expected a dwell of at least 0s");
  if (step.limit && (*step.limit < step.dwell || *step.limit <= Duration{0})) {
    return invalid_input(where + "expected a limit of at least its dwell of " + to_string(step.dwell) + ", found " +
                         to_string(*step.limit));
  }
  return {};
}

Result<void> check_windows(std::span<const Window> windows) {
  if (windows.size() > kMostWindows) {
    return invalid_input("expected at most " + std::to_string(kMostWindows) + " windows, found " +
                         std::to_string(windows.size()));
  }
  for (const Window& window : windows) {
    if (window.from >= window.to || window.to > kMinutesOfWeek) {
      return invalid_input("expected windows that begin before they end, within one week");
    }
  }
  return {};
}

}  // namespace

Result<void> check(const Plan& plan, std::size_t candidates) {
  if (plan.stages.empty() || plan.stages.size() > kMostStages) {
    return invalid_input("expected 1 to " + std::to_string(kMostStages) + " stages, found " +
                         std::to_string(plan.stages.size()));
  }
  TRY(check_windows(plan.automation.windows));
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const Strategy& strategy = plan.stages[i].strategy;
    auto checked = std::visit(Check{}, strategy);
    if (!checked) return std::move(checked).error().within(place(i, strategy));
    const bool is_bandit = std::holds_alternative<Bandit>(strategy);
    if (candidates > 1 && !is_bandit) {
      return invalid_input(place(i, strategy) + ": compares one candidate with control, found " +
                           std::to_string(candidates) + "; only a bandit takes several");
    }
    const auto* test = std::get_if<AbTest>(&strategy);
    const bool is_first = std::all_of(plan.stages.begin(), plan.stages.begin() + static_cast<std::ptrdiff_t>(i),
                                      [](const Stage& each) { return std::holds_alternative<Shadow>(each.strategy); });
    if (test != nullptr && test->mode == Horizon::Fixed && !is_first) {
      return invalid_input(place(i, strategy) +
                           ": a test with planned looks decides alone; expected nothing but shadow before it");
    }
    if (is_bandit && plan.stages.size() > 1) {
      return invalid_input(place(i, strategy) + ": a bandit moves its own weights and is a rollout by itself, found " +
                           std::to_string(plan.stages.size()) + " stages");
    }
  }
  const std::vector<Scheduled> steps = schedule(plan);
  if (steps.empty() || steps.size() > kMostSteps) {
    return invalid_input("expected 1 to " + std::to_string(kMostSteps) + " steps in all, found " +
                         std::to_string(steps.size()));
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string where = place(steps[i].stage, plan.stages[steps[i].stage].strategy);
    auto checked = check_times(steps[i].step, i);
    if (!checked) return std::move(checked).error().within(where);
    if (i > 0 && steps[i].step.weight < steps[i - 1].step.weight) {
      return invalid_input(where + ": goes back from " + percent(steps[i - 1].step.weight) + " to " +
                           percent(steps[i].step.weight) + "; a rollout goes forwards");
    }
  }
  return {};
}

std::vector<Scheduled> schedule(const Plan& plan) {
  std::vector<Scheduled> all;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    std::vector<Step> steps = std::visit([](const auto& each) { return steps_of(each); }, plan.stages[i].strategy);
    if (!steps.empty() && plan.stages[i].approval) steps.front().approval = true;
    for (Step& step : steps) {
      if (step.keeps_weight && !all.empty()) step.weight = std::max(step.weight, all.back().step.weight);
      all.push_back({step, i});
    }
  }
  return all;
}

bool is_within(std::span<const Window> windows, WallTime now) {
  if (windows.empty()) return true;
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::weekday weekday{day};
  const auto of_day = std::chrono::duration_cast<std::chrono::minutes>(now - day).count();
  const std::uint32_t minute = (weekday.iso_encoding() - 1) * 24 * 60 + static_cast<std::uint32_t>(of_day);
  return std::any_of(windows.begin(), windows.end(),
                     [&](const Window& window) { return minute >= window.from && minute < window.to; });
}

}  // namespace slipway::rollout
