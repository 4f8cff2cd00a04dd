// The rollouts of a model that were decided before another began, as its error budget counts them.
#pragma once

#include "domain/evidence/rollout_budget.h"
#include "ports/rollout_store.h"

namespace slipway::log_evidence {

inline constexpr std::size_t kMostPast = 10'000;  // the newest that are counted: alpha is next to nothing there

// Of this rollout's model and environment, with a lower number: they were over when it began, so that the answer never
// changes. Blocks; failures as the store's.
Result<evidence::PastRollouts> past_rollouts(ports::RolloutStore& store, const ports::RolloutRecord& rollout);

}  // namespace slipway::log_evidence
