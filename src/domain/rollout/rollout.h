// Rollout: where one rollout stands, and the traffic it wants. Stored before it is acted on, so that whoever reads it
// again goes on from there.
//
//   from \ to         Applying  Observing  AwaitingApproval  Completing  Restoring  Completed  Aborted
//   Queued            yes       -          -                 -           -          -          yes
//   Applying          yes       yes        -                 yes         yes        -          yes
//   Observing         yes       -          yes               yes         yes        -          yes
//   AwaitingApproval  yes       -          -                 yes         yes        -          yes
//   Completing        -         -          -                 -           yes        yes        yes
//   Restoring         -         -          -                 -           -          -          yes
//   Completed         -         -          -                 -           -          -          -
//   Aborted           -         -          -                 -           -          -          -
//
// Applying, Completing and Restoring have traffic recorded that is not known to be served yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/model/serving.h"
#include "domain/rollout/bandit.h"
#include "domain/rollout/plan.h"

namespace slipway::rollout {

enum class State : std::uint8_t {
  Queued,            // another rollout of this model and environment is open
  Applying,          // a step's traffic is recorded
  Observing,         // it is served, and evidence gathers
  AwaitingApproval,  // the next step needs somebody's word
  Completing,        // all traffic to the candidate is recorded
  Restoring,         // the traffic of before is recorded
  Completed,
  Aborted,
};
inline constexpr std::size_t kStateCount = 8;

std::string_view name_of(State state);  // "awaiting_approval"
std::optional<State> parse_state(std::string_view name);
bool may_move(State from, State to);
inline bool is_over(State state) {
  return state == State::Completed || state == State::Aborted;
}

// What a rollout wants served. A value.
struct Traffic {
  std::vector<model::Share> shares;  // control's first; versions without a share are loaded and serve nobody
  model::BasisPoints mirrored{};     // of control's requests, to the first candidate
  bool operator==(const Traffic&) const = default;
};

// Somebody stopped it from going on, or a rule did (`by` is empty). Harm found meanwhile still ends it.
struct Pause {
  std::string by;
  std::string reason;
  bool operator==(const Pause&) const = default;
};

// The way back is rehearsed: control has all traffic for a moment, and then it is as before.
struct Rehearsal {
  Traffic after;
  WallTime since{};
  bool operator==(const Rehearsal&) const = default;
};
inline constexpr Duration kLongestRehearsal = std::chrono::minutes(1);

struct Rollout {
  std::string environment;
  model::ModelName model;
  model::VersionNumber control = 0;
  std::vector<model::VersionNumber> candidates;  // one, or a bandit's

  State state = State::Queued;
  std::size_t position = 0;  // in schedule(plan)
  std::string reason;        // of the last change
  std::optional<Pause> paused;
  Traffic wanted;
  Traffic before;                              // what may still be served instead
  std::optional<Traffic> late;                 // asked for before `wanted` was, and may still come in its place
  std::uint64_t revision = 0;                  // of desired serving when `wanted` was recorded
  Duration dwelt{0};                           // observed time in this step
  Duration updated{0};                         // of it when a bandit moved its weights last
  WallTime seen_at{};                          // of the last look; time between looks counts up to kLongestLook
  std::optional<std::size_t> approved;         // the position that may be entered; of the end: one behind the last
  std::vector<bool> frozen;                    // of each candidate: a guardrail found harm
  std::optional<model::VersionNumber> winner;  // of Completing and Completed
  std::uint64_t decisions = 0;                 // made so far
  std::optional<Rehearsal> rehearsal;          // only while Applying
  bool operator==(const Rollout&) const = default;
};
// A controller that slept longer has not observed the time between.
inline constexpr Duration kLongestLook = std::chrono::seconds(30);

// A new one. InvalidInput: the plan, candidates that are none, twice or control itself, or more than can be served.
Result<Rollout> open(const Plan& plan, std::string environment, model::ModelName model, model::VersionNumber control,
                     std::vector<model::VersionNumber> candidates, WallTime now);

// The traffic of `weight` for the candidates together, in equal parts.
Traffic traffic_of(const Rollout& rollout, model::BasisPoints weight, model::BasisPoints mirrored);
model::BasisPoints weight_of(const Rollout& rollout);  // of the candidates together, as wanted

}  // namespace slipway::rollout
