#include "adapter/log_evidence/past_rollouts.h"

#include <algorithm>

namespace slipway::log_evidence {
namespace {

constexpr std::size_t kPageOfRollouts = 100;

// Where harm was found a candidate is frozen; people and failed loads end rollouts without.
bool went_back(const rollout::Rollout& rollout) {
  return rollout.state == rollout::State::Aborted && std::ranges::count(rollout.frozen, true) > 0;
}

}  // namespace

Result<evidence::PastRollouts> past_rollouts(ports::RolloutStore& store, const ports::RolloutRecord& rollout) {
  evidence::PastRollouts past;
  std::uint64_t before = rollout.number;
  while (before > 1 && past.count < kMostPast) {
    const auto page = TRY(store.rollouts(rollout.state.model.text(), before, kPageOfRollouts));
    for (const ports::StoredRollout& each : page) {
      if (each.record.state.environment != rollout.state.environment) continue;
      ++past.count;
      past.rolled_back += went_back(each.record.state) ? 1 : 0;
    }
    if (page.size() < kPageOfRollouts) break;
    before = page.back().record.number;
  }
  return past;
}

}  // namespace slipway::log_evidence
