// MemoryRollouts: rollouts in memory, with the promises of ports/rollout_store.h but durability.
#pragma once

#include <map>
#include <vector>

#include "base/guarded.h"
#include "ports/rollout_store.h"

namespace slipway::store_memory {

// For tests and trials. Any thread. Fails only by Conflict.
class MemoryRollouts : public ports::RolloutStore {
 public:
  Result<std::uint64_t> add(ports::RolloutRecord record, ports::RolloutDecision first, std::uint64_t after) override;
  Result<void> put(const ports::RolloutRecord& record, std::uint64_t expected,
                   const std::optional<ports::RolloutDecision>& decision) override;
  Result<std::optional<ports::StoredRollout>> rollout(std::uint64_t number) override;
  Result<std::vector<ports::OpenPlace>> open_places() override;
  Result<std::vector<ports::StoredRollout>> rollouts(std::string_view model, std::uint64_t before,
                                                     std::size_t limit) override;
  Result<std::vector<ports::RolloutDecision>> decisions(std::uint64_t rollout, std::uint64_t before,
                                                        std::size_t limit) override;
  Result<std::vector<ports::UntoldDecision>> untold(std::size_t limit) override;
  Result<void> told(std::uint64_t rollout, std::uint64_t number) override;

 private:
  struct Held {
    ports::StoredRollout stored;
    std::map<std::uint64_t, ports::RolloutDecision> decisions;
    std::uint64_t told = 0;
  };
  using All = std::map<std::uint64_t, Held>;
  static Result<void> check_once(const All& all, const ports::RolloutDecision& decision);
  Guarded<All> rollouts_;
};

}  // namespace slipway::store_memory
