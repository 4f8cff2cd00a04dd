// The section `agreement` of a plan file: what a step that mirrors traffic asks (docs/formats/evidence-plan.md).
#pragma once

#include "adapter/yaml/field.h"
#include "domain/evidence/agreement_plan.h"

namespace slipway::plan_yaml {

Result<evidence::AgreementPlan> read_agreement(const yaml::Field& field);

}  // namespace slipway::plan_yaml
