// The evidence of rollout plans as YAML files (docs/formats/evidence-plan.md).
#pragma once

#include <string_view>

#include "domain/evidence/plan.h"

namespace slipway::plan_yaml {

// The evidence a plan file asks for, checked. Of its steps only a test with planned looks says something of it.
// InvalidInput with file, line and column.
Result<evidence::EvidencePlan> read_evidence_plan(std::string_view yaml, std::string_view name);

}  // namespace slipway::plan_yaml
