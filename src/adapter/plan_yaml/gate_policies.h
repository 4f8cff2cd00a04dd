// One gate's keys of a plan file.
#pragma once

#include <span>
#include <string_view>

#include "adapter/yaml/field.h"
#include "ports/gate_plan.h"

namespace slipway::plan_yaml {

struct GateKey {
  std::string_view name;  // "latency"
  // Replaces all that an outer layer said of this gate. InvalidInput with line and column.
  Result<void> (*read)(const yaml::Field& field, ports::GatePlan& plan);
  void (*leave_out)(ports::GatePlan& plan);
};

// All gates, in the order of gate::Plan.
std::span<const GateKey> gate_keys();

// Lists of `behaviour.tests` and `robustness.tests`.
Result<std::vector<ports::BehaviourTest>> read_behaviour_tests(const yaml::Field& field);
Result<std::vector<ports::RobustnessTest>> read_robustness_tests(const yaml::Field& field);

}  // namespace slipway::plan_yaml
