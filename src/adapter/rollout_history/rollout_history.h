// The decisions of a rollout as the API tells them, read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/rollout_store.h"

namespace slipway::rollout_history {

struct History {
  std::optional<std::string> plan;                // where the rollout itself is told
  std::vector<ports::RolloutDecision> decisions;  // oldest first, each once
};

inline constexpr std::size_t kMostDecisions = 100'000;

// JSON as GET /api/v1/rollouts/N/decisions answers, as `slipway rollout history --json` and `explain --json` print it.
// InvalidInput names the decision and the key.
Result<History> read_history(std::string_view json);

}  // namespace slipway::rollout_history
