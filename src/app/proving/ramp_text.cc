#include "app/proving/ramp_text.h"

#include "adapter/plan_yaml/rollout_plan.h"

namespace slipway::proving {

Result<std::string> ramp_text(std::string_view plan) {
  plan_yaml::RolloutPlanYaml reader;
  const rollout::Plan read = TRY(reader.read(plan, "plan"));
  std::string text;
  const auto steps = rollout::schedule(read);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i == 0 || steps[i].stage != steps[i - 1].stage) {
      text += (i > 0 ? "; then " : "") + std::string(name_of(read.stages[steps[i].stage].strategy));
    } else {
      text += ",";
    }
    text += " " + std::to_string(steps[i].step.weight.count / 100) + " %";
    const bool is_last = i + 1 == steps.size() || steps[i + 1].step.dwell != steps[i].step.dwell;
    if (is_last && steps[i].step.dwell > Duration{0}) text += ", " + to_string(steps[i].step.dwell) + " at least";
  }
  return text;
}

}  // namespace slipway::proving
