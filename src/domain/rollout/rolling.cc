#include "domain/rollout/strategies.h"

namespace slipway::rollout {

std::vector<Step> steps_of(const Rolling& strategy) {
  std::vector<Step> steps;
  for (std::uint32_t part = 1; part < strategy.parts; ++part) {
    const std::uint32_t weight = model::kWhole.count * part / strategy.parts;
    steps.push_back({.weight = {weight}, .dwell = strategy.dwell, .limit = strategy.limit});
  }
  if (!steps.empty()) steps.back().needs = Needs::Pass;
  return steps;
}

}  // namespace slipway::rollout
