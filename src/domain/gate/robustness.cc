// The robustness gate: disturbed inputs crash nothing and change the answer within bounds.
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {
namespace {

std::string_view name_of(Disturbance kind) {
  switch (kind) {
    case Disturbance::Noise:
      return "noise";
    case Disturbance::MissingValue:
      return "missing value";
    case Disturbance::OutOfRange:
      return "out of range";
    case Disturbance::UnseenCategory:
      return "unseen category";
  }
  return "disturbance";
}

}  // namespace

Verdict judge_robustness(const RobustnessPolicy& policy, const RobustnessMeasurement& measured) {
  const FailureRule rule{policy.most_failing, policy.confidence, policy.least_cases};
  std::vector<Evidence> rows;
  std::uint64_t cases = 0;
  for (const RobustnessResult& test : measured.tests) {
    const std::string subject = std::string(name_of(test.kind)) + " '" + test.name + "'";
    const std::uint64_t failures = test.crashes + test.not_finite + test.beyond_bound;
    rows.push_back(judge_failures(subject, {failures, test.cases}, rule, measured.tests.size()));
    Evidence& row = rows.back();
    cases += test.cases;
    if (test.crashes > 0) {  // whatever rate is allowed: none of the others is served while a process restarts
      row.outcome = Outcome::Fail;
      row.detail = plural(test.crashes, "time") + " the process ended; " + row.detail;
    }
    if (test.not_finite > 0) row.detail += "; " + std::to_string(test.not_finite) + " answers were no number";
    if (test.beyond_bound > 0) row.detail += "; the largest change was " + text_of(test.largest_change);
    if (test.refused > 0)
      row.detail += "; " + std::to_string(test.refused) + " refused with an error, which is allowed";
    if (failures > 0 && !test.first_failure.empty()) row.detail += "; first: " + test.first_failure;
  }
  return conclude(std::move(rows), "keeps within bounds in " + plural(cases, "disturbed case"),
                  "no disturbance was tested");
}

}  // namespace slipway::gate
