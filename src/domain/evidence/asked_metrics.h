// Which metrics of a plan have to say that a candidate may go on, and what is enough for one: the rule of the judge and
// of the forecast.
#pragma once

#include <algorithm>
#include <cstddef>

#include "domain/evidence/plan.h"

namespace slipway::evidence {

// A metric without a margin can roll back and no more; where none has one, all say when a step was long enough.
inline bool is_asked(const EvidencePlan& plan, std::size_t metric) {
  return plan.metrics[metric].is_guardrail() || std::ranges::none_of(plan.metrics, &MetricPlan::is_guardrail);
}

// A difference of error rates that is shown needs no power besides: power speaks of twice as many errors, and where
// they are rare hardly any exposure would find that, nor would it matter.
inline bool margin_is_enough(const MetricPlan& plan) {
  return plan.source == Source::Errors && plan.margin_difference.has_value();
}

}  // namespace slipway::evidence
