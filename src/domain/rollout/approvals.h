// Steps that are entered upon somebody's word alone. The words themselves are the registry's: Sight::unapproved says
// what is missing of them.
#pragma once

#include <span>

#include "domain/rollout/next.h"

namespace slipway::rollout {

// Whether the plan asks for a word before `position`; behind the last one: before the end.
bool asks_for_approval(const Plan& plan, std::span<const Scheduled> steps, std::size_t position);
// Whether `position` (behind the last: the end) needs somebody's word that was not given yet, or is not enough.
bool needs_approval(const Plan& plan, const Rollout& rollout, std::span<const Scheduled> steps, std::size_t position,
                    const Sight& sight);
// Whether what was decided goes on upon somebody's word: then it has to be enough now, by Sight::unapproved.
bool goes_on_by_word(const Plan& plan, const Rollout& before, const Rollout& after);

}  // namespace slipway::rollout
