#include "domain/evidence/rollout_budget.h"

#include <algorithm>

#include "domain/stats/multiplicity.h"

namespace slipway::evidence {

EvidencePlan within_budget(EvidencePlan plan, const PastRollouts& past) {
  if (plan.budget == Budget::Rollout) return plan;
  const double level = stats::e_lond_level(plan.alpha, past.count + 1, std::min(past.rolled_back, past.count));
  plan.alpha = std::clamp(level, kLeastAlpha, plan.alpha);
  return plan;
}

}  // namespace slipway::evidence
