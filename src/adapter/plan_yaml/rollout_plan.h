// RolloutPlanYaml: the steps of rollout plans as YAML files (docs/formats/rollout-plan.md).
#pragma once

#include <array>
#include <string_view>

#include "ports/rollout_plan.h"

namespace slipway::plan_yaml {

// A plan file has both kinds of keys at its top.
inline constexpr std::array<std::string_view, 4> kRolloutKeys = {"preset", "stages", "automation",
                                                                 "approval_to_complete"};
inline constexpr std::array<std::string_view, 15> kEvidenceKeys = {
    "alpha", "beta", "power",      "metrics",          "slices",         "slice_columns", "limits",    "slice_share",
    "unit",  "fuse", "most_units", "warm_up_requests", "mismatch_alpha", "agreement",     "alpha_over"};

// Any thread.
class RolloutPlanYaml final : public ports::RolloutPlanReader {
 public:
  Result<rollout::Plan> read(std::string_view yaml, std::string_view name) override;
};

}  // namespace slipway::plan_yaml
