// PlanForecast: what the steps of a rollout take in requests and time, before it begins.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domain/evidence/forecast.h"
#include "domain/rollout/plan.h"

namespace slipway::delivery {

struct Expected {
  std::optional<double> requests_per_second;  // of the model, above 0
  double error_rate = 0;                      // of the control, 0 to 1
};

struct StepForecast {
  std::optional<evidence::Takes> takes;  // none: the step asks for no evidence
  std::optional<double> seconds;         // at least its dwell; none: nobody can say
};

// Values.
struct PlanForecast {
  std::vector<StepForecast> steps;
  std::optional<double> seconds;  // of all steps; none: of one of them nobody can say
  std::vector<evidence::Detection> detections;
  std::optional<double> false_promotion;  // at most; none: no step asks whether a version is worse
};

// If both versions are equally good, and nobody pauses it. Of steps in the shadow: if no pair of answers differs.
PlanForecast forecast(std::span<const rollout::Scheduled> steps, const evidence::EvidencePlan& plan,
                      const Expected& expected);

}  // namespace slipway::delivery
