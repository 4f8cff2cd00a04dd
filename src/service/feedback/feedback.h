// Feedback: what became known of predictions later, joined to their records.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/guarded.h"
#include "domain/model/name.h"
#include "ports/prediction_log.h"
#include "ports/telemetry.h"

namespace slipway::feedback {

inline constexpr std::size_t kOutcomeKinds = 4;
std::string_view name_of(ports::OutcomeRecord::Kind kind);  // "label", "reward", "conversion", "cost"
std::optional<ports::OutcomeRecord::Kind> parse_kind(std::string_view name);

// As a client says it: of a request, or of the newest prediction for a unit of a model that was not later than `at`.
struct Outcome {
  std::string request_id;                 // or:
  std::optional<model::ModelName> model;  // and
  std::string unit;
  ports::OutcomeRecord::Kind kind = ports::OutcomeRecord::Kind::Label;
  double value = 0;
  std::optional<WallTime> at;  // when it happened; none: now
  std::string key;             // the same again is known by it; empty: made of all the above but the value
};

struct Joined {
  ports::OutcomeRecord record;
  model::ModelName model;
  bool was_known = false;  // it was given before
};

// May the caller hear of predictions of this model?
using MayKnow = std::function<bool(const model::ModelName&)>;

// Owned by the application. Any thread; blocks. Outcomes are taken one after another.
class Feedback final : public ports::MetricSource {
 public:
  struct Parts {
    ports::PredictionLog& predictions;
    const Clock& clock;
    std::string environment;         // of the units
    Duration window;                 // predictions that were received longer ago get no outcomes any more
    std::function<void()> catch_up;  // takes what is on its way into the log
  };
  explicit Feedback(Parts parts) : parts_(std::move(parts)) {}

  // InvalidInput: it says too little or too much, a value that is not finite, a time that cannot be. NotFound: there is
  // no such prediction, none that is kept, or none the caller may know. Conflict: another value was given, or it comes
  // too late.
  Result<Joined> take(const Outcome& outcome, const MayKnow& may_know);
  // The prediction of a request. NotFound as above.
  struct Found {
    ports::PredictionRecord record;
    model::ModelName model;
  };
  Result<Found> find(std::string_view request_id, const MayKnow& may_know);

  void collect(ports::MetricVisitor& visitor) const override;

 private:
  struct Counted {
    std::map<std::pair<std::string, model::VersionNumber>, std::array<std::uint64_t, kOutcomeKinds>> joined;
    std::array<std::uint64_t, kErrorCodeCount> refused{};
  };
  Result<Joined> join(const Outcome& outcome, const MayKnow& may_know);
  Result<ports::PredictionRecord> prediction_of(const Outcome& outcome, WallTime at);
  Result<model::ModelName> name_of_model(const ports::PredictionRecord& record, const MayKnow& may_know,
                                         const std::string& what);

  const Parts parts_;
  Guarded<Counted> counted_;  // held while an outcome is taken, so that the same one never is twice
};

}  // namespace slipway::feedback
