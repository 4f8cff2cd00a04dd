// A log in memory with the traffic of a rollout in it, made of a seed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapter/log_evidence/log_evidence.h"
#include "adapter/log_memory/memory_prediction_log.h"
#include "adapter/plan_yaml/evidence_plan.h"
#include "domain/stats/random.h"

namespace slipway::log_evidence {

// The log in memory, which fails when told to.
class FailingLog final : public ports::PredictionLog {
 public:
  explicit FailingLog(std::size_t most = 1'000'000) : memory(most) {}
  Result<void> append(std::span<const ports::PredictionRecord> records) override { return memory.append(records); }
  Result<void> append(std::span<const ports::OutcomeRecord> records) override { return memory.append(records); }
  Result<void> introduce(const model::ModelName& model) override { return memory.introduce(model); }
  Result<std::optional<model::ModelName>> model_of(std::uint64_t hash) override { return memory.model_of(hash); }
  Result<ports::LogPage> read(ports::LogPosition position, std::size_t limit) override {
    if (!failure.empty()) return unavailable(failure);
    return memory.read(position, limit);
  }
  Result<ports::LogPosition> end() override {
    auto end = memory.end();
    if (end.ok()) end->segment += behind;
    return end;
  }
  Result<std::optional<ports::PredictionRecord>> find(const model::RequestKey& request) override {
    if (find_fails) return unavailable("no index");
    return memory.find(request);
  }
  Result<std::optional<ports::PredictionRecord>> find_unit(std::uint64_t model, std::uint64_t unit,
                                                           WallTime until) override {
    return memory.find_unit(model, unit, until);
  }
  Result<std::optional<ports::PredictionRecord>> find_twin(const ports::PredictionRecord& mirrored) override {
    return memory.find_twin(mirrored);
  }
  Result<std::optional<ports::OutcomeRecord>> find_outcome(std::uint64_t key) override {
    return memory.find_outcome(key);
  }

  log_memory::MemoryPredictionLog memory;
  std::string failure;
  bool find_fails = false;
  std::uint64_t behind = 0;  // segments that are not read yet, since one before them is still written
};

// What versions do. Version 1 is control.
struct Behaviour {
  double error_rate = 0.01;
  Duration latency = std::chrono::milliseconds(10);  // its median, about
  double score = 0;                                  // added to predictions
};

class Traffic {
 public:
  explicit Traffic(ports::PredictionLog& log, std::uint64_t seed) : random_(seed), log_(log) {}

  // So many requests under a split of control and candidates.
  void serve(int requests, const std::vector<model::Share>& shares, std::uint64_t revision) {
    std::vector<ports::PredictionRecord> records;
    for (int i = 0; i < requests; ++i) records.push_back(next(shares, revision));
    static_cast<void>(log_.append(records));
  }
  ports::PredictionRecord next(const std::vector<model::Share>& shares, std::uint64_t revision) {
    ports::PredictionRecord record{.request = model::RequestKey::of("r" + std::to_string(++count)),
                                   .model = model::hash_of("fraud")};
    at += std::chrono::milliseconds(10);
    record.at = at;
    const auto bucket = static_cast<std::uint32_t>(random_.below(10'000));
    std::uint32_t until = 0;
    for (const model::Share& share : shares) {
      until += share.share.count;
      if (bucket >= until) continue;
      record.version = share.version;
      record.draw = {.revision = revision, .probability = share.share.count / 10'000.0};
      break;
    }
    const Behaviour& does = of(record.version);
    record.status = random_.unit() < does.error_rate ? 1 + static_cast<std::uint8_t>(ErrorCode::Internal) : 0;
    record.latency = std::chrono::duration_cast<Duration>(does.latency * (0.5 + random_.unit() + random_.unit() / 2));
    record.value_count = 1;
    record.values[0] = static_cast<float>(random_.unit() + does.score);
    return record;
  }
  Behaviour& of(model::VersionNumber version) { return version == 1 ? control : candidate; }
  double unit() { return random_.unit(); }

  Behaviour control, candidate;
  std::uint64_t count = 0;
  WallTime at{std::chrono::hours(24 * 365 * 50)};

 private:
  stats::Xoshiro256 random_;
  ports::PredictionLog& log_;
};

}  // namespace slipway::log_evidence
