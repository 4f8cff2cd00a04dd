// MemoryPredictionLog: the newest predictions and outcomes, for as long as the process lives.
#pragma once

#include <deque>
#include <map>

#include "base/guarded.h"
#include "ports/prediction_log.h"

namespace slipway::log_memory {

// Any thread. Beyond `most` predictions, or outcomes, the oldest go. Never fails.
class MemoryPredictionLog : public ports::PredictionLog {
 public:
  explicit MemoryPredictionLog(std::size_t most = 100'000) : most_(most) {}

  Result<void> append(std::span<const ports::PredictionRecord> predictions) override;
  Result<void> append(std::span<const ports::OutcomeRecord> outcomes) override;
  Result<void> introduce(const model::ModelName& model) override;
  Result<std::optional<model::ModelName>> model_of(std::uint64_t hash) override;
  Result<ports::LogPage> read(ports::LogPosition position, std::size_t limit) override;
  Result<ports::LogPosition> end() override;
  Result<std::optional<ports::PredictionRecord>> find(const model::RequestKey& request) override;
  Result<std::optional<ports::PredictionRecord>> find_unit(std::uint64_t model, std::uint64_t unit,
                                                           WallTime until) override;
  Result<std::optional<ports::PredictionRecord>> find_twin(const ports::PredictionRecord& mirrored) override;
  Result<std::optional<ports::OutcomeRecord>> find_outcome(std::uint64_t key) override;

 private:
  // With the number of its place among all that came.
  template <class Record>
  using Kept = std::deque<std::pair<std::uint64_t, Record>>;
  struct State {
    std::uint64_t next = 0;
    std::uint64_t oldest = 0;  // no record before it is kept
    Kept<ports::PredictionRecord> predictions;
    Kept<ports::OutcomeRecord> outcomes;
    std::map<std::uint64_t, model::ModelName> names;
  };
  template <class Record>
  void add(State& state, Kept<Record>& kept, std::span<const Record> records) const;

  const std::size_t most_;
  Guarded<State> state_;
};

}  // namespace slipway::log_memory
