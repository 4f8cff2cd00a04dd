// The strategies of a rollout as a plan names them, and the steps each of them stands for. One file each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "domain/model/serving.h"
#include "domain/stats/group_sequential.h"

namespace slipway::rollout {

// What the evidence has to say before a step is left. Harm ends a rollout whatever a step needs.
enum class Needs : std::uint8_t {
  Nothing,  // its time
  Power,    // the exposure would have shown the harm looked for, and nothing speaks against going on
  Pass,     // every guardrail is shown to be not worse by its margin
};

// One state of traffic that a rollout passes through. A value.
struct Step {
  model::BasisPoints weight{};      // of the candidate; of a bandit: of all candidates, at its beginning
  model::BasisPoints mirrored{};    // of control's requests, which the candidate answers too and nobody sees
  Duration dwell{0};                // observed time, at least
  std::optional<Duration> limit{};  // of observed time; then it is overdue, which is told, and holds on
  Needs needs = Needs::Power;
  bool approval = false;      // somebody's word before it is entered
  bool keeps_weight = false;  // at least what the step before it had, such as while another version warms up
  bool is_adaptive = false;   // a bandit moves its weights
  bool operator==(const Step&) const = default;
};

struct Shadow {
  model::BasisPoints mirrored = model::kWhole;
  Duration dwell = std::chrono::minutes(10);
  std::optional<Duration> limit{};
  bool operator==(const Shadow&) const = default;
};
struct Canary {
  std::vector<model::BasisPoints> weights{{100}, {500}, {1'000}, {2'500}, {5'000}, model::kWhole};
  Duration dwell = std::chrono::minutes(5);
  std::optional<Duration> limit{};
  model::BasisPoints holdback{100};  // stays with control after the last step
  Duration holdback_for = std::chrono::hours(24);
  bool operator==(const Canary&) const = default;
};
struct BlueGreen {
  Duration warm = std::chrono::minutes(1);  // loaded beside the old version, before the switch
  Duration keep = std::chrono::hours(1);    // the old version stays loaded: the way back is instant
  bool operator==(const BlueGreen&) const = default;
};
struct Rolling {
  std::uint32_t parts = 5;  // equal ones
  Duration dwell = std::chrono::minutes(5);
  std::optional<Duration> limit{};
  bool operator==(const Rolling&) const = default;
};
struct ChampionChallenger {
  std::vector<model::BasisPoints> weights{{1'000}, {2'000}, {5'000}, model::kWhole};
  Duration dwell = std::chrono::hours(1);
  std::optional<Duration> limit{};
  bool operator==(const ChampionChallenger&) const = default;
};
// Fixed: a group-sequential plan, decided at its looks and only there. Anytime: ends as soon as the evidence does.
enum class Horizon : std::uint8_t { Fixed, Anytime };
struct AbTest {
  model::BasisPoints weight{5'000};
  Horizon mode = Horizon::Anytime;
  Duration horizon = std::chrono::hours(24 * 7);
  std::uint64_t units = 0;  // Fixed: that have their outcome at the last look, of both versions
  std::uint32_t looks = 5;  // Fixed: evenly spaced
  stats::Spending spending = stats::Spending::ObrienFleming;  // Fixed: of alpha over the looks
  bool operator==(const AbTest&) const = default;
};
enum class Policy : std::uint8_t { ThompsonBernoulli, ThompsonGaussian, Ucb1, EpsilonGreedy, LinUcb };
struct Bandit {
  Policy policy = Policy::ThompsonBernoulli;
  double epsilon = 0.1;                       // EpsilonGreedy: explored
  std::optional<model::BasisPoints> floor{};  // of an arm that is not frozen; none: 5 % of two arms, 2 % of more
  model::BasisPoints largest_move{1'000};     // of one arm in one update
  Duration update_every = std::chrono::minutes(5);
  double least_rewards = 50;  // of each arm before weights move
  Duration dwell = std::chrono::hours(1);
  std::optional<Duration> limit{};
  bool operator==(const Bandit&) const = default;
};

using Strategy = std::variant<Shadow, Canary, BlueGreen, Rolling, ChampionChallenger, AbTest, Bandit>;

std::string_view name_of(const Strategy& strategy);  // "blue_green"
// The strategy of that name with its defaults; none: there is no such.
std::optional<Strategy> preset(std::string_view name);
std::span<const std::string_view> strategy_names();

// In order; leaving the last one is the end of the stage. Requires: check() of plan.h has no complaint.
std::vector<Step> steps_of(const Shadow& strategy);
std::vector<Step> steps_of(const Canary& strategy);
std::vector<Step> steps_of(const BlueGreen& strategy);
std::vector<Step> steps_of(const Rolling& strategy);
std::vector<Step> steps_of(const ChampionChallenger& strategy);
std::vector<Step> steps_of(const AbTest& strategy);
std::vector<Step> steps_of(const Bandit& strategy);

}  // namespace slipway::rollout
