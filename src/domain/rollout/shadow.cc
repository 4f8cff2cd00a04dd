#include "domain/rollout/strategies.h"

namespace slipway::rollout {

// Nobody is exposed, so the agreement of the answers may be asked for at once and in full.
std::vector<Step> steps_of(const Shadow& strategy) {
  return {{.mirrored = strategy.mirrored, .dwell = strategy.dwell, .limit = strategy.limit, .needs = Needs::Pass}};
}

}  // namespace slipway::rollout
