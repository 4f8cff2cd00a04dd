#include "adapter/store_memory/memory_rollouts.h"

#include <algorithm>

#include "domain/rollout/rollout.h"

namespace slipway::store_memory {

Result<void> MemoryRollouts::check_once(const All& all, const ports::RolloutDecision& decision) {
  if (!decision.once) return {};
  for (const auto& [rollout, held] : all) {
    for (const auto& [number, made] : held.decisions) {
      if (made.once != decision.once) continue;
      return conflict("this request was applied already: it led to decision " + std::to_string(number) +
                      " of rollout " + std::to_string(rollout));
    }
  }
  return {};
}

Result<std::uint64_t> MemoryRollouts::add(ports::RolloutRecord record, ports::RolloutDecision first,
                                          std::uint64_t after) {
  auto rollouts = rollouts_.lock();
  std::uint64_t last = 0;
  for (const auto& [number, held] : *rollouts) {
    const rollout::Rollout& state = held.stored.record.state;
    const bool is_here = state.environment == record.state.environment && state.model == record.state.model;
    if (is_here && !rollout::is_over(state.state)) last = number;
  }
  if (last != after) {
    return conflict("rollouts of model \"" + record.state.model.text() + "\" in " + record.state.environment +
                    ": expected " + std::to_string(after) + " to be the last that is open, found " +
                    std::to_string(last) + " (0: none)");
  }
  TRY(check_once(*rollouts, first));
  const std::uint64_t number = rollouts->size() + 1;
  record.number = first.rollout = number;
  Held held{{std::move(record), 1}, {}, 0};
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
  if (decision) {
    if (found->second.decisions.contains(decision->number)) {
      return conflict(what + "decision " + std::to_string(decision->number) + " is there already");
    }
    TRY(check_once(*rollouts, *decision));
    found->second.decisions.emplace(decision->number, *decision);
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

Result<std::vector<ports::OpenPlace>> MemoryRollouts::open_places() {
  std::vector<ports::OpenPlace> places;
  auto rollouts = rollouts_.lock();
  for (const auto& [number, held] : *rollouts) {
    const rollout::Rollout& state = held.stored.record.state;
    if (rollout::is_over(state.state)) continue;
    places.push_back({.number = number,
                      .revision = held.stored.revision,
                      .environment = state.environment,
                      .model = state.model.text(),
                      .is_queued = state.state == rollout::State::Queued,
                      .versions = state.candidates});
    places.back().versions.insert(places.back().versions.begin(), state.control);
  }
  return places;
}

Result<std::vector<ports::StoredRollout>> MemoryRollouts::rollouts(std::string_view model, std::uint64_t before,
                                                                   std::size_t limit) {
  std::vector<ports::StoredRollout> rows;
  auto rollouts = rollouts_.lock();
  for (auto each = rollouts->rbegin(); each != rollouts->rend() && rows.size() < limit; ++each) {
    const bool is_meant = model.empty() || each->second.stored.record.state.model.text() == model;
    if (!is_meant || (before != 0 && each->first >= before)) continue;
    ports::RolloutRecord& record = rows.emplace_back(each->second.stored).record;
    record.plan.clear(), record.evidence.clear(), record.curve.clear();
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

Result<std::vector<ports::UntoldDecision>> MemoryRollouts::untold(std::size_t limit) {
  std::vector<ports::UntoldDecision> rows;
  auto rollouts = rollouts_.lock();
  for (const auto& [number, held] : *rollouts) {
    const rollout::Rollout& state = held.stored.record.state;
    for (auto each = held.decisions.upper_bound(held.told); each != held.decisions.end() && rows.size() < limit;
         ++each) {
      rows.push_back({state.environment, state.model.text(), each->second});
      rows.back().decision.evidence.clear();
    }
  }
  return rows;
}

Result<void> MemoryRollouts::told(std::uint64_t rollout, std::uint64_t number) {
  auto rollouts = rollouts_.lock();
  const auto found = rollouts->find(rollout);
  if (found != rollouts->end()) found->second.told = std::max(found->second.told, number);
  return {};
}

}  // namespace slipway::store_memory
