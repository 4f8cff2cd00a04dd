// Plan: how a new version takes over the traffic of an old one, as data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/rollout/strategies.h"

namespace slipway::rollout {

inline constexpr std::size_t kMostStages = 16;
inline constexpr std::size_t kMostSteps = 100;
inline constexpr std::size_t kMostWindows = 64;

// One strategy of a chain.
struct Stage {
  Strategy strategy = Canary{};
  bool approval = false;  // somebody's word before its first step
  bool operator==(const Stage&) const = default;
};

// Minutes of a week, in UTC, from Monday 00:00: [from, to), from < to.
struct Window {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  bool operator==(const Window&) const = default;
};
inline constexpr std::uint32_t kMinutesOfWeek = 7 * 24 * 60;

// What is done without a person. Going back is bound to no window: harm does not wait for office hours.
struct Automation {
  bool promote = true;
  bool roll_back = true;
  std::vector<Window> windows;  // in which promotion may act; none: always
  bool operator==(const Automation&) const = default;
};

struct Plan {
  std::vector<Stage> stages;
  Automation automation;
  bool approval_to_complete = false;  // somebody's word before the candidate has all traffic for good
  bool operator==(const Plan&) const = default;
};

// InvalidInput: no stage or too many, steps that go backwards, weights beyond the whole, times below zero, windows
// outside the week, a bandit in a chain that has other strategies and several candidates. The message names the stage.
Result<void> check(const Plan& plan, std::size_t candidates = 1);

// All steps of all stages, in order, and which stage each is of. Requires: check() has no complaint.
struct Scheduled {
  Step step;
  std::size_t stage = 0;
};
std::vector<Scheduled> schedule(const Plan& plan);

bool is_within(std::span<const Window> windows, WallTime now);  // no windows: always

}  // namespace slipway::rollout
