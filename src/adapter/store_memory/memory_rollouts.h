// MemoryRollouts: rollouts in memory, with the promises of ports/rollout_store.h but durability.
#pragma once

#include <map>
#include <vector>

#include "base/guarded.h"
#include "ports/rollout_store.h"

namespace slipway::store_memory {

// For tests and trials. Any thread. Fails only by Conflict.
class MemoryRollouts final : public ports::RolloutStore {
 public:
  Result<std::uint64_t> add(ports::RolloutRecord record, ports::RolloutDecision first) override;
  Result<void> put(const ports::RolloutRecord& record, std::uint64_t expected,
                   const std::optional<ports::RolloutDecision>& decision) override;
  Result<std::optional<ports::StoredRollout>> rollout(std::uint64_t number) override;
  Result<std::vector<ports::StoredRollout>> open_rollouts() override;
  Result<std::vector<ports::StoredRollout>> rollouts(std::string_view model, std::uint64_t before,
                                                     std::size_t limit) override;
  Result<std::vector<ports::RolloutDecision>> decisions(std::uint64_t rollout, std::uint64_t before,
                                                        std::size_t limit) override;

 private:
  struct Held {
    ports::StoredRollout stored;
    std::map<std::uint64_t, ports::RolloutDecision> decisions;
  };
  Guarded<std::map<std::uint64_t, Held>> rollouts_;
};

}  // namespace slipway::store_memory
