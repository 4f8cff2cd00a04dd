// PlanYaml: gate plans as YAML files (docs/formats/gate-plan.md).
#pragma once

#include "ports/gate_plan.h"

namespace slipway::plan_yaml {

// Any thread.
class PlanYaml final : public ports::GatePlanReader {
 public:
  Result<ports::GatePlan> read(std::string_view yaml, std::string_view name, std::string_view model) override;
};

}  // namespace slipway::plan_yaml
