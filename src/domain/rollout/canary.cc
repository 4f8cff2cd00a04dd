#include "domain/rollout/strategies.h"

namespace slipway::rollout {

// Each step has to be able to find the harm looked for; only the last before the whole has to have shown that there is
// none. The holdback then tells of what comes late.
std::vector<Step> steps_of(const Canary& strategy) {
  std::vector<Step> steps;
  for (const model::BasisPoints weight : strategy.weights) {
    if (weight < model::kWhole) steps.push_back({.weight = weight, .dwell = strategy.dwell, .limit = strategy.limit});
  }
  if (!steps.empty()) steps.back().needs = Needs::Pass;
  const bool ends_whole = !strategy.weights.empty() && strategy.weights.back() == model::kWhole;
  if (ends_whole && strategy.holdback.count > 0 && strategy.holdback_for > Duration{0}) {
    steps.push_back({.weight = {model::kWhole.count - strategy.holdback.count},
                     .dwell = strategy.holdback_for,
                     .needs = Needs::Nothing});
  }
  return steps;
}

}  // namespace slipway::rollout
