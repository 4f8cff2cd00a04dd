#include "domain/rollout/strategies.h"

namespace slipway::rollout {

// At the horizon a test without a decision is overdue: a person decides, not the end of the time. With planned looks
// evidence passes at one of these and at no other moment.
std::vector<Step> steps_of(const AbTest& strategy) {
  return {{.weight = strategy.weight, .limit = strategy.horizon, .needs = Needs::Pass}};
}

}  // namespace slipway::rollout
