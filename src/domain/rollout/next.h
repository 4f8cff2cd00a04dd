// What a rollout does next. Pure and total: the same rollout, sight and time give the same decision.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/model/verdict.h"
#include "domain/rollout/rollout.h"

namespace slipway::rollout {

// What the evidence says of one candidate.
struct Evidence {
  model::Verdict verdict = model::Verdict::Inconclusive;  // Fail: harm; Pass: not worse, by every guardrail's margin
  bool may_advance = false;                // the exposure would have shown the harm looked for, and nothing holds
  std::string reason = "no evidence yet";  // for a person; with Inconclusive also what is missing
};

// What is to be seen at one moment. A value.
struct Sight {
  std::optional<Traffic> served;   // as desired; none: nothing is
  std::uint64_t revision = 0;      // of desired serving
  bool is_live = false;            // every version of it is loaded and answers
  std::string load_failure;        // why one of them cannot be
  std::string unsettled;           // why nothing goes on by itself at this moment; of no basis, as it decides nothing
  bool is_turn = false;            // no other rollout of this model and environment came before and is open
  std::vector<Evidence> evidence;  // of each candidate
  std::vector<Arm> rewards;        // of control and each candidate; for bandits
  std::string unapproved = {};     // what is missing of the word that was given for a step
};

// A rollout's next state, and at most one action. To be recorded before `serve` is done; what `serve` comes to is seen
// at the next look, and is asked for again until then.
struct Decision {
  Rollout rollout;
  bool is_change = false;        // more than time has passed: worth a record
  std::optional<Traffic> serve;  // in place of Sight::revision, by compare-and-set
  std::string holding;           // why it does not go on now; empty if it does
};

Decision next(const Plan& plan, const Rollout& rollout, const Sight& sight, WallTime now);

// Whether the desired serving that is seen is this rollout's doing, or still what it was before.
bool is_as_wanted(const Rollout& rollout, const Sight& sight);
bool is_as_before(const Rollout& rollout, const Sight& sight);
// What was asked for before it was overruled came after all.
bool is_late(const Rollout& rollout, const Sight& sight);

// Moves to a state with its reason, counted as one decision. Requires: may_move().
void move_to(Rollout& rollout, State state, std::string reason);
// Wants other traffic from now on, on top of the desired serving seen.
void want(Rollout& rollout, Traffic traffic, const Sight& sight);
// The given step, the end behind the last one, or the way back.
void enter(const Plan& plan, Rollout& rollout, std::size_t position, std::string reason, const Sight& sight);
void complete(Rollout& rollout, model::VersionNumber winner, std::string reason, const Sight& sight);
void restore(Rollout& rollout, std::string reason, const Sight& sight);
// The step that follows in a schedule of `steps`: the next one, or after a weight set by hand the next that gives the
// candidate at least as much.
std::size_t following(const Rollout& rollout, std::span<const Scheduled> steps);

}  // namespace slipway::rollout
