// The behaviour gate: declared expectations (minimum functionality, invariance, direction), with a bound on how often
// they fail.
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {
namespace {

std::string_view name_of(BehaviourKind kind) {
  switch (kind) {
    case BehaviourKind::MinimumFunctionality:
      return "minimum functionality";
    case BehaviourKind::Invariance:
      return "invariance";
    case BehaviourKind::Directional:
      return "direction";
  }
  return "behaviour";
}

}  // namespace

Verdict judge_behaviour(const BehaviourPolicy& policy, const BehaviourMeasurement& measured) {
  const FailureRule rule{policy.most_failing, policy.confidence, policy.least_cases};
  std::vector<Evidence> rows;
  std::uint64_t cases = 0;
  for (const BehaviourResult& test : measured.tests) {
    const std::string subject = std::string(name_of(test.kind)) + " '" + test.name + "'";
    rows.push_back(judge_failures(subject, {test.failures, test.cases}, rule, measured.tests.size()));
    if (test.failures > 0 && !test.first_failure.empty()) rows.back().detail += "; first: " + test.first_failure;
    cases += test.cases;
  }
  return conclude(std::move(rows), "behaves as declared in " + plural(cases, "case"), "no behaviour was tested");
}

}  // namespace slipway::gate
