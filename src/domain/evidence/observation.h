// Observation: what one request, or a label that came later, tells of the arm it was sent to.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "domain/evidence/plan.h"
#include "domain/stats/assignment_process.h"

namespace slipway::evidence {

inline constexpr std::size_t kPredictions = 4;  // reduced values of one prediction
inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

// A value. An answer has `error`; a label alone has only `outcome`, with the arm and probability of its prediction.
struct Observation {
  double t = 0;            // seconds; only rates and durations come from it
  std::uint64_t unit = 0;  // hash of the unit key; 0: none
  stats::Arm arm = stats::Arm::Control;
  double p = 0.5;  // the logged probability of candidate, when this unit was assigned
  std::optional<bool> error;
  bool blames_caller = false;        // an error that may be the request's: counts as one, and not for the fuse
  std::optional<double> latency_ms;  // infinite for a timeout
  std::array<double, kPredictions> predictions{kAbsent, kAbsent, kAbsent, kAbsent};
  std::optional<double> outcome;     // of a label whose prediction is known, `predictions` are its
  std::optional<Feedback> feedback;  // what kind of outcome it is; none: what every metric takes
  std::uint64_t slices = 0;          // bit i: the unit lies in slice i of the plan
  std::uint64_t count = 1;           // so many that are alike, one after the other: counters of answers that went well
};

}  // namespace slipway::evidence
