#include "domain/rollout/strategies.h"

namespace slipway::rollout {

// A challenger earns every larger share by evidence.
std::vector<Step> steps_of(const ChampionChallenger& strategy) {
  std::vector<Step> steps;
  for (const model::BasisPoints weight : strategy.weights) {
    if (weight == model::kWhole) break;
    steps.push_back({.weight = weight, .dwell = strategy.dwell, .limit = strategy.limit, .needs = Needs::Pass});
  }
  return steps;
}

}  // namespace slipway::rollout
