#include <algorithm>

#include "domain/gate/gates.h"

namespace slipway::gate {
namespace {

class Judging {
 public:
  explicit Judging(const Measurements& measurements) : measurements_(measurements) {}

  template <class Policy, class Measured, class Gate>
  void ask(const char* name, const std::optional<Policy>& policy, const std::optional<Measured>& measured,
           const Gate& gate) {
    if (!policy) return;
    verdicts.push_back({name, measured ? gate(*policy, *measured) : not_measured(name)});
  }
  Verdict not_measured(const std::string& name) const {
    const auto why = measurements_.missing.find(name);
    return {Outcome::Inconclusive, "not measured" + (why == measurements_.missing.end() ? "" : ": " + why->second), {}};
  }

  std::vector<GateVerdict> verdicts;

 private:
  const Measurements& measurements_;
};

}  // namespace

std::vector<GateVerdict> judge(const Plan& plan, const Measurements& found) {
  Judging judging(found);
  const Resampling resampling{plan.seed, plan.resamples};
  const auto resampled = [&resampling](auto gate) {
    return [&resampling, gate](const auto& policy, const auto& measured) { return gate(policy, measured, resampling); };
  };
  judging.ask("interface", plan.interface, found.interface, judge_interface);
  judging.ask("load", plan.load, found.load, judge_load);
  judging.ask("golden", plan.golden, found.golden, judge_golden);
  judging.ask("determinism", plan.determinism, found.determinism, judge_determinism);
  judging.ask("latency", plan.latency, found.latency, judge_latency);
  judging.ask("memory", plan.memory, found.memory, judge_memory);
  judging.ask("quality", plan.quality, found.quality, resampled(judge_quality));
  judging.ask("slices", plan.slices, found.slices, resampled(judge_slices));
  judging.ask("behaviour", plan.behaviour, found.behaviour, judge_behaviour);
  judging.ask("robustness", plan.robustness, found.robustness, judge_robustness);
  if (plan.fairness) {
    judging.verdicts.push_back({"fairness", found.fairness.empty() ? judging.not_measured("fairness")
                                                                   : judge_fairness(*plan.fairness, found.fairness)});
  }
  judging.ask("calibration", plan.calibration, found.calibration, resampled(judge_calibration));
  judging.ask("regression", plan.regression, found.regression, judge_regression);
  judging.ask("schema", plan.schema, found.schema, judge_schema);
  judging.ask("model_card", plan.model_card, found.model_card, judge_model_card);
  judging.ask("licence", plan.licence, found.licence, judge_licence);
  judging.ask("signing", plan.signing, found.signing, judge_signing);
  judging.ask("size", plan.size, found.size, judge_size);
  return std::move(judging.verdicts);
}

Outcome overall(const std::vector<GateVerdict>& verdicts) {
  std::vector<Evidence> rows;
  for (const GateVerdict& one : verdicts) rows.push_back({.subject = one.gate, .outcome = one.verdict.outcome});
  return worst_of(rows);
}

}  // namespace slipway::gate
