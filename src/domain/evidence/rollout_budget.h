// The error budget of many rollouts: what alpha one of them may spend, so that a promise holds over all of a model's.
#pragma once

#include <cstdint>

#include "domain/evidence/plan.h"

namespace slipway::evidence {

// The rollouts of a model in an environment that were decided before this one began. A value.
struct PastRollouts {
  std::uint64_t count = 0;
  std::uint64_t rolled_back = 0;  // on evidence of harm
};

// The plan with the alpha that its rollout may spend. Budget::Rollout: as it stands, every rollout goes back falsely
// with a chance of at most alpha. Budget::Model: alpha 6 / (pi t)^2 (R + 1) for the t-th rollout after R that went back
// (e-LOND, stats/multiplicity.h), so that of all that ever go back, at most the share alpha do so falsely, in
// expectation, however the rollouts depend on one another; never more than alpha. What is bet on stays the same, only
// the bar moves.
EvidencePlan within_budget(EvidencePlan plan, const PastRollouts& past);

}  // namespace slipway::evidence
