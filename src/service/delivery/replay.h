// Decisions of rollouts made again from their records alone, to see that the same ones come out.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/rollout/replay.h"
#include "ports/rollout_plan.h"
#include "ports/rollout_store.h"

namespace slipway::delivery {

// What the evidence says, from a plan's text and what was kept of it with a decision. InvalidInput: not such a text.
using JudgeAgain = std::function<Result<std::vector<rollout::Evidence>>(std::string_view plan, std::string_view kept)>;

// One decision, made again. A value.
struct ReplayedDecision {
  std::uint64_t number = 0;
  std::string program;                           // that decided
  std::string failure;                           // why it cannot be made again; empty: it was
  std::vector<rollout::Difference> differences;  // none: the same, bit for bit
  bool is_judged = false;                        // what the evidence said was made again too
  bool is_same() const { return failure.empty() && differences.empty(); }
};

// `decisions` oldest first, without gaps; `plan`: where the first of them is not among them. Each is made from its own
// basis, and that has to go on from the decision before it. A decision that differs does not keep the next from being
// looked at.
std::vector<ReplayedDecision> replay(std::span<const ports::RolloutDecision> decisions, std::optional<std::string> plan,
                                     ports::RolloutPlanReader& plans, const JudgeAgain& judge_again);

}  // namespace slipway::delivery
