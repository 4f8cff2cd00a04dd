// PairObservation: what control and candidate made of one request, of which only control's answer was given to anybody.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "domain/evidence/observation.h"

namespace slipway::evidence {

// What one version answered. A value; what is not known is absent.
struct PairedAnswer {
  bool error = false;
  std::array<double, kPredictions> values{kAbsent, kAbsent, kAbsent, kAbsent};
  std::uint64_t outputs = 0;  // their digest; 0: none
};

// Two answers to one request, or a label of it that came later. A value.
struct PairObservation {
  struct Answers {
    PairedAnswer control, candidate;
  };
  struct Labelled {
    double label = 0;
    PairedAnswer control, candidate;
  };

  double t = 0;            // seconds; only rates and durations come from it
  std::uint64_t unit = 0;  // hash of the unit key; 0: none
  std::optional<Answers> answers;
  std::optional<Labelled> labelled;  // they are right if their value, rounded to a whole number, is the label
  std::uint64_t slices = 0;          // bit i: the unit lies in slice i of the plan
};

}  // namespace slipway::evidence
