// The determinism gate: the same input gives the same answer, alone and among other rows.
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {
namespace {

Evidence judge_comparison(std::string subject, const Comparison& compared, std::uint64_t least) {
  Evidence row{.subject = std::move(subject), .found = compared.largest_difference, .count = compared.compared};
  if (compared.differing > 0) {
    row.outcome = Outcome::Fail;
    row.detail = std::to_string(compared.differing) + " of " + plural(compared.compared, "row") + " differ, by up to " +
                 text_of(compared.largest_difference) + ": " + compared.first;
  } else if (compared.compared < least) {
    row.detail = "expected at least " + plural(least, "row") + " compared, found " + std::to_string(compared.compared) +
                 ": " + std::to_string(least - compared.compared) + " more needed";
  } else {
    row.outcome = Outcome::Pass;
    row.detail = plural(compared.compared, "row") + " alike";
  }
  return row;
}

}  // namespace

Verdict judge_determinism(const DeterminismPolicy& policy, const DeterminismMeasurement& measured) {
  const std::uint64_t least = std::max<std::uint64_t>(policy.least_rows, 1);
  std::vector<Evidence> rows{judge_comparison("the same input twice", measured.repeated, least)};
  if (measured.batched) {
    rows.push_back(judge_comparison("alone and in a batch", *measured.batched, least));
  } else {
    rows.push_back({.subject = "alone and in a batch", .outcome = Outcome::Pass, .detail = "rows are never merged"});
  }
  return conclude(std::move(rows), "answers repeat", "");
}

}  // namespace slipway::gate
