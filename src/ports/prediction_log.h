// PredictionLog: what became of each prediction, and what is known later of how good it was. Adapters: log_memory,
// log_segments.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model/assignment.h"
#include "domain/model/name.h"
#include "domain/model/request_key.h"
#include "ports/predictor.h"

namespace slipway::ports {

inline constexpr std::size_t kMostPredictionValues = 4;

// One answered request; booked to the version it was assigned to, whatever came of it. Two lines of a processor's
// cache.
struct PredictionRecord {
  model::RequestKey request;         // empty: it had no id
  std::uint64_t model = 0;           // model::hash_of() its name
  model::VersionNumber version = 0;  // that it was assigned to
  model::Draw draw;                  // unit, revision of the split, logged probability, why
  std::uint8_t status = 0;           // 0: answered; else 1 + its ErrorCode
  std::uint8_t value_count = 0;      // of `values`
  Traffic traffic = Traffic::Live;
  std::uint16_t rows = 0;  // 65 535: as many or more
  // With request, model and unit: what a mirrored request and its twin, of Traffic::Shadow, have in common and no other
  // request of these seconds has. 0: it was not mirrored.
  std::uint16_t pair = 0;
  std::array<float, kMostPredictionValues> values{};  // what domain/tensor/reduction.h makes of the outputs
  WallTime at{};                                      // when the request was received
  Duration latency{0};        // to the computed answer; of Traffic::Shadow: of the execution it was part of
  std::uint64_t outputs = 0;  // their digest; 0: there are none

  bool is_failure() const { return status != 0; }
  bool operator==(const PredictionRecord&) const = default;
};

// Predictions that left no record, since the log was opened: there was no room when they were admitted, which is before
// anything of their outcome is known.
struct DroppedPredictions {
  std::uint64_t model = 0;
  model::VersionNumber version = 0;
  std::uint64_t count = 0;
  double probability = 0;  // the sum of the probabilities of their assignments
};

// What became known of a prediction.
struct OutcomeRecord {
  enum class Kind : std::uint8_t { Label, Reward, Conversion, Cost };
  std::uint64_t key = 0;      // model::hash_of() what makes it the same when it is sent again
  model::RequestKey request;  // of the prediction it was joined to
  std::uint64_t model = 0;    // of that prediction, as what follows
  model::VersionNumber version = 0;
  model::Draw draw;
  Kind kind = Kind::Label;
  double value = 0;  // finite
  WallTime at{};     // when it happened, or else when it came
  WallTime predicted_at{};
  bool operator==(const OutcomeRecord&) const = default;
};

// A place between two records. Ordered as they came.
struct LogPosition {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const LogPosition&) const = default;
};

struct LogPage {
  std::vector<PredictionRecord> predictions;  // in the order they came
  std::vector<OutcomeRecord> outcomes;
  LogPosition next;      // where to go on; the same as asked: there is nothing new
  bool skipped = false;  // what was asked for is not kept any more, or damaged: it goes on with what is there
};

// Whether `shadow` is the record of the twin of `mirrored`.
inline bool is_twin_of(const PredictionRecord& shadow, const PredictionRecord& mirrored) {
  return shadow.traffic == Traffic::Shadow && shadow.pair == mirrored.pair && shadow.request == mirrored.request &&
         shadow.model == mirrored.model && shadow.draw.unit == mirrored.draw.unit &&
         std::chrono::abs(shadow.at - mirrored.at) <= std::chrono::seconds(1);
}

// Any thread; every method blocks. Failures: Unavailable (it cannot be read or written now), Corrupt.
class PredictionLog {
 public:
  virtual ~PredictionLog() = default;
  // In their order; up to 8 192 of them all or none, beyond that in parts of as many.
  virtual Result<void> append(std::span<const PredictionRecord> predictions) = 0;
  virtual Result<void> append(std::span<const OutcomeRecord> outcomes) = 0;
  // Records of this model will come. Again: nothing happens.
  virtual Result<void> introduce(const model::ModelName& model) = 0;
  // Whose records have this hash; none: of no model that it was told of.
  virtual Result<std::optional<model::ModelName>> model_of(std::uint64_t hash) = 0;

  // At most about `limit` records after `position`; a default one is before the first.
  virtual Result<LogPage> read(LogPosition position, std::size_t limit) = 0;
  // After the last record.
  virtual Result<LogPosition> end() = 0;
  // The newest of this id. What was mirrored is not looked at, here and by its unit.
  virtual Result<std::optional<PredictionRecord>> find(const model::RequestKey& request) = 0;
  // The newest of this unit and model that is not later than `until`.
  virtual Result<std::optional<PredictionRecord>> find_unit(std::uint64_t model, std::uint64_t unit,
                                                            WallTime until) = 0;
  // What its twin said, of the same request, model, unit, pair and time, which clocks may tell by a second otherwise.
  virtual Result<std::optional<PredictionRecord>> find_twin(const PredictionRecord& mirrored) = 0;
  virtual Result<std::optional<OutcomeRecord>> find_outcome(std::uint64_t key) = 0;
};

}  // namespace slipway::ports
