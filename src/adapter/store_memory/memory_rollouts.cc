#include "adapter/store_memory/memory_rollouts.h"

#include "domain/rollout/rollout.h"

namespace slipway::store_memory {

Result<std::uint64_t> MemoryRollouts::add(ports::RolloutRecord record, ports::RolloutDecision first) {
  auto rollouts = rollouts_.lock();
  const std::uint64_t number = rollouts->size() + 1;
  record.number = first.rollout = number;
  Held held{{std::move(record), 1}, {}};
  held.decisions.emplace(first.number, std::move(first));
  rollouts->emplace(number, std::move(held));
  return number;
}

Result<void> MemoryRollouts::put(const ports::RolloutRecord& record, std::uint64_t expected,
                                 const std::optional<ports::RolloutDecision>& decision) {
  auto rollouts = rollouts_.lock();
  const auto found = rollouts->find(record.number);
  const std::uint64_t revision = found == rollouts->end() ? 0 : found->second.stored.revision;
  const std::string what = "rollout " + std::to_string(record.number) + ": ";
  if (revision == 0 || revision != expected) {
    return conflict(what + "expected revision " + std::to_string(expected) + ", found " + std::to_string(revision) +
                    " (0: it does not exist)");
  }
  if (decision && !found->second.decisions.emplace(decision->number, *decision).second) {
    return conflict(what + "decision " + std::to_string(decision->number) + " is there already");
  }
  found->second.stored = {record, revision + 1};
  return {};
}

Result<std::optional<ports::StoredRollout>> MemoryRollouts::rollout(std::uint64_t number) {
  auto rollouts = rollouts_.lock();
  const auto found = rollouts->find(number);
  if (found == rollouts->end()) return std::optional<ports::StoredRollout>();
  return std::optional(found->second.stored);
}

Result<std::vector<ports::StoredRollout>> MemoryRollouts::open_rollouts() {
  std::vector<ports::StoredRollout> rows;
  auto rollouts = rollouts_.lock();
  for (const auto& [number, held] : *rollouts) {
    if (!rollout::is_over(held.stored.record.state.state)) rows.push_back(held.stored);
  }
  return rows;
}

Result<std::vector<ports::StoredRollout>> MemoryRollouts::rollouts(std::string_view model, std::uint64_t before,
                                                                   std::size_t limit) {
  std::vector<ports::StoredRollout> rows;
  auto rollouts = rollouts_.lock();
  for (auto each = rollouts->rbegin(); each != rollouts->rend() && rows.size() < limit; ++each) {
    const bool is_meant = model.empty() || each->second.stored.record.state.model.text() == model;
    if (is_meant && (before == 0 || each->first < before)) rows.push_back(each->second.stored);
  }
  return rows;
}

Result<std::vector<ports::RolloutDecision>> MemoryRollouts::decisions(std::uint64_t rollout, std::uint64_t before,
                                                                      std::size_t limit) {
  std::vector<ports::RolloutDecision> rows;
  auto rollouts = rollouts_.lock();
  const auto found = rollouts->find(rollout);
  if (found == rollouts->end()) return rows;
  const auto& all = found->second.decisions;
  for (auto each = all.rbegin(); each != all.rend() && rows.size() < limit; ++each) {
    if (before == 0 || each->first < before) rows.push_back(each->second);
  }
  return rows;
}

}  // namespace slipway::store_memory
