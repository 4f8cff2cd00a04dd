#include "domain/rollout/approvals.h"

namespace slipway::rollout {

bool asks_for_approval(const Plan& plan, std::span<const Scheduled> steps, std::size_t position) {
  return position < steps.size() ? steps[position].step.approval : plan.approval_to_complete;
}

bool needs_approval(const Plan& plan, const Rollout& rollout, std::span<const Scheduled> steps, std::size_t position,
                    const Sight& sight) {
  return asks_for_approval(plan, steps, position) && (rollout.approved != position || !sight.unapproved.empty());
}

bool goes_on_by_word(const Plan& plan, const Rollout& before, const Rollout& after) {
  if (!before.approved || before.decisions == after.decisions) return false;
  const std::vector<Scheduled> steps = schedule(plan);
  std::size_t entered = steps.size();
  if (after.state == State::Applying) {
    if (before.state != State::Queued && after.position == before.position) return false;
    entered = after.position;
  } else if (after.state != State::Completing) {
    return false;
  }
  return entered == *before.approved && asks_for_approval(plan, steps, entered);
}

}  // namespace slipway::rollout
