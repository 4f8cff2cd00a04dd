// The regression gate: the fixed cases that failed once do not fail again.
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {

Verdict judge_regression(const RegressionPolicy&, const RegressionMeasurement& measured) {
  if (measured.cases.empty()) return {Outcome::Pass, "no case is known to have failed once", {}};
  std::vector<Evidence> rows;
  for (const CaseResult& one : measured.cases) {
    rows.push_back({.subject = one.name,
                    .outcome = one.matches ? Outcome::Pass : Outcome::Fail,
                    .found = one.largest_difference,
                    .count = 1,
                    .detail = one.matches ? "still right" : "fails again: " + one.detail});
  }
  return conclude(std::move(rows), plural(measured.cases.size(), "case") + " that failed once still right", "");
}

}  // namespace slipway::gate
