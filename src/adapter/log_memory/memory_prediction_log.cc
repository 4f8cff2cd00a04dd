#include "adapter/log_memory/memory_prediction_log.h"

#include <algorithm>

namespace slipway::log_memory {
namespace {

template <class Kept, class Wanted>
auto newest(const Kept& kept, Wanted wanted) {
  using Record = typename Kept::value_type::second_type;
  const auto found = std::find_if(kept.rbegin(), kept.rend(), [&](const auto& each) { return wanted(each.second); });
  std::optional<Record> record;
  if (found != kept.rend()) record.emplace(found->second);
  return record;
}

}  // namespace

template <class Record>
void MemoryPredictionLog::add(State& state, Kept<Record>& kept, std::span<const Record> records) const {
  for (const Record& record : records) kept.emplace_back(state.next++, record);
  while (kept.size() > most_) {
    state.oldest = std::max(state.oldest, kept.front().first + 1);
    kept.pop_front();
  }
}

Result<void> MemoryPredictionLog::append(std::span<const ports::PredictionRecord> predictions) {
  auto state = state_.lock();
  add(*state, state->predictions, predictions);
  return {};
}

Result<void> MemoryPredictionLog::append(std::span<const ports::OutcomeRecord> outcomes) {
  auto state = state_.lock();
  add(*state, state->outcomes, outcomes);
  return {};
}

Result<void> MemoryPredictionLog::introduce(const model::ModelName& model) {
  state_.lock()->names.emplace(model::hash_of(model.text()), model);
  return {};
}

Result<std::optional<model::ModelName>> MemoryPredictionLog::model_of(std::uint64_t hash) {
  auto state = state_.lock();
  const auto found = state->names.find(hash);
  return found == state->names.end() ? std::nullopt : std::optional(found->second);
}

Result<ports::LogPage> MemoryPredictionLog::read(ports::LogPosition position, std::size_t limit) {
  auto state = state_.lock();
  ports::LogPage page;
  page.skipped = position.offset < state->oldest && position.offset != 0;
  std::uint64_t at = std::max(position.offset, state->oldest);
  const auto first = [&](const auto& kept) {
    return std::ranges::lower_bound(kept, at, {}, [](const auto& each) { return each.first; });
  };
  auto prediction = first(state->predictions);
  auto outcome = first(state->outcomes);
  for (; at < state->next && page.predictions.size() + page.outcomes.size() < limit; ++at) {
    if (prediction != state->predictions.end() && prediction->first == at) {
      page.predictions.push_back((prediction++)->second);
    } else if (outcome != state->outcomes.end() && outcome->first == at) {
      page.outcomes.push_back((outcome++)->second);
    }
  }
  page.next = {0, at};
  return page;
}

Result<ports::LogPosition> MemoryPredictionLog::end() {
  return ports::LogPosition{0, state_.lock()->next};
}

Result<std::optional<ports::PredictionRecord>> MemoryPredictionLog::find(const model::RequestKey& request) {
  return newest(state_.lock()->predictions, [&](const auto& record) {
    return record.request == request && record.traffic != ports::Traffic::Shadow;
  });
}

Result<std::optional<ports::PredictionRecord>> MemoryPredictionLog::find_unit(std::uint64_t model, std::uint64_t unit,
                                                                              WallTime until) {
  return newest(state_.lock()->predictions, [&](const auto& record) {
    return record.model == model && record.draw.unit == unit && record.at <= until &&
           record.traffic != ports::Traffic::Shadow;
  });
}

Result<std::optional<ports::PredictionRecord>> MemoryPredictionLog::find_twin(const ports::PredictionRecord& mirrored) {
  return newest(state_.lock()->predictions, [&](const auto& record) { return ports::is_twin_of(record, mirrored); });
}

Result<std::optional<ports::OutcomeRecord>> MemoryPredictionLog::find_outcome(std::uint64_t key) {
  return newest(state_.lock()->outcomes, [&](const auto& record) { return record.key == key; });
}

}  // namespace slipway::log_memory
