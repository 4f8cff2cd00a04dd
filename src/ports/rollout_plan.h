// RolloutPlan: how a version takes over, as a file says it. Adapter of its reader: plan_yaml.
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/rollout/plan.h"

namespace slipway::ports {

// Any thread.
class RolloutPlanReader {
 public:
  virtual ~RolloutPlanReader() = default;
  // The steps in the text of a plan file; `name` stands in messages. InvalidInput names file, line, column, key, what
  // was expected and what was found.
  virtual Result<rollout::Plan> read(std::string_view yaml, std::string_view name) = 0;
};

}  // namespace slipway::ports
