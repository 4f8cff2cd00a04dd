// What people ask of a rollout, at any time.
#pragma once

#include <string>
#include <variant>

#include "base/result.h"
#include "domain/rollout/next.h"

namespace slipway::rollout {

struct PauseNow {};
struct Resume {};
struct Promote {  // one step, or to the end, whatever the evidence says; not past an approval that is missing
  bool to_the_end = false;
};
struct Abort {};              // back to control; of one that is on its way back: its end, whatever is served
struct SetWeight {            // and pauses, so that automation does not undo it; Resume goes on from there
  model::BasisPoints weight;  // not past an approval that is missing
};
struct Approve {};  // the first step ahead that asks for an approval, or the end
struct Drill {      // rehearses the way back on live traffic and times it: control serves all of it for a moment
  WallTime now{};
};

using Command = std::variant<PauseNow, Resume, Promote, Abort, SetWeight, Approve, Drill>;

std::string_view name_of(const Command& command);  // "set_weight"

// Who asks, and why: both go into the record.
struct Person {
  std::string name;
  std::string reason;
};
inline constexpr std::size_t kLongestReason = 1'000;

// The rollout after the command, to be recorded; next() then acts. InvalidInput: no reason, or one too long; a weight
// beyond the whole. Conflict: not in this state, with what it is in. Denied: who started it cannot approve it
// (`started_by`).
Result<Rollout> apply(const Plan& plan, const Rollout& rollout, const Command& command, const Person& person,
                      std::string_view started_by, const Sight& sight);

}  // namespace slipway::rollout
