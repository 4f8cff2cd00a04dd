// The golden gate: the examples whose answers the package declares are reproduced.

#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {
namespace {

std::vector<Evidence> rows_of(const std::vector<CaseResult>& cases) {
  std::vector<Evidence> rows;
  for (const CaseResult& one : cases) {
    rows.push_back({.subject = one.name,
                    .outcome = one.matches ? Outcome::Pass : Outcome::Fail,
                    .found = one.largest_difference,
                    .count = 1,
                    .detail = one.matches ? "reproduced" : "not reproduced: " + one.detail});
  }
  return rows;
}

}  // namespace

Verdict judge_golden(const GoldenPolicy& policy, const GoldenMeasurement& measured) {
  std::vector<Evidence> rows = rows_of(measured.cases);
  const std::uint64_t found = measured.cases.size();
  if (found < policy.least_cases) {
    rows.push_back({.subject = "golden examples",
                    .count = found,
                    .detail = "expected at least " + std::to_string(policy.least_cases) + ", found " +
                              std::to_string(found) + ": " + std::to_string(policy.least_cases - found) +
                              " more needed in the manifest"});
  }
  if (rows.empty()) return {Outcome::Pass, "none declared, none asked for", {}};
  return conclude(std::move(rows), plural(found, "golden example") + " reproduced", "");
}

}  // namespace slipway::gate
