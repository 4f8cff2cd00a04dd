#include "domain/rollout/strategies.h"

namespace slipway::rollout {

// At the horizon a test without a decision is overdue: a person decides, not the end of the time.
std::vector<Step> steps_of(const AbTest& strategy) {
  return {{.weight = strategy.weight,
           .dwell = strategy.mode == Horizon::Fixed ? strategy.horizon : Duration{0},
           .limit = strategy.horizon,
           .needs = Needs::Pass}};
}

}  // namespace slipway::rollout
