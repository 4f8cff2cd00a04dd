#include "domain/rollout/strategies.h"

namespace slipway::rollout {

// Both are loaded from the first step to the end of the last, so that either switch moves nothing but shares.
std::vector<Step> steps_of(const BlueGreen& strategy) {
  return {{.dwell = strategy.warm, .needs = Needs::Nothing, .keeps_weight = true},
          {.weight = model::kWhole, .dwell = strategy.keep, .needs = Needs::Nothing}};
}

}  // namespace slipway::rollout
