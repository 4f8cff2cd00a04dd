#include "service/delivery/plan_forecast.h"

#include <algorithm>
#include <cmath>

namespace slipway::delivery {
namespace {

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

bool is_shadow(const rollout::Step& step) {
  return step.weight.count == 0 && step.mirrored.count > 0;
}

evidence::Takes takes_of(const rollout::Step& step, const evidence::Forecast& forecast, double share) {
  if (step.is_adaptive) return {std::nullopt, "", "its weights follow the rewards"};
  if (is_shadow(step)) {
    evidence::Takes takes = forecast.pairs_to_pass();
    // Of each request that is not mirrored there is no pair.
    if (takes.requests) *takes.requests = std::ceil(*takes.requests * model::kWhole.count / step.mirrored.count);
    return takes;
  }
  return forecast.requests_to(step.needs == rollout::Needs::Pass ? evidence::Aim::Pass : evidence::Aim::Power, share);
}

}  // namespace

PlanForecast forecast(std::span<const rollout::Scheduled> steps, const evidence::EvidencePlan& plan,
                      const Expected& expected) {
  PlanForecast all;
  evidence::Forecast walk(plan, expected.error_rate);
  double seconds = 0, share = 0;
  bool is_known = true;
  for (const rollout::Scheduled& each : steps) {
    const rollout::Step& step = each.step;
    const double weight = step.weight.count / static_cast<double>(model::kWhole.count);
    share = step.keeps_weight ? std::max(share, weight) : weight;
    const double dwell = seconds_of(step.dwell), rate = expected.requests_per_second.value_or(0);
    StepForecast& told = all.steps.emplace_back();
    if (step.needs == rollout::Needs::Nothing) {
      told.seconds = dwell;
    } else {
      if (step.needs == rollout::Needs::Pass) all.false_promotion = plan.beta;
      told.takes.emplace(takes_of(step, walk, share));
      if (told.takes->requests && rate > 0) told.seconds = std::max(dwell, *told.takes->requests / rate);
    }
    const double taken = told.takes ? told.takes->requests.value_or(0) : 0;
    if (!step.is_adaptive) walk.serve(share, std::max(taken, dwell * rate));
    is_known = is_known && told.seconds.has_value();
    seconds += told.seconds.value_or(0);
  }
  if (is_known) all.seconds = seconds;
  const bool is_walked = std::ranges::all_of(
      all.steps, [](const StepForecast& step) { return !step.takes || step.takes->requests.has_value(); });
  all.detections = walk.detections();
  if (!is_walked) {
    for (evidence::Detection& each : all.detections) each.chance.reset();  // of traffic that nobody knows
  }
  return all;
}

}  // namespace slipway::delivery
