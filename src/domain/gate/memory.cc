// The memory gate: what loading and running takes, against a limit or the live version.
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {

Verdict judge_memory(const MemoryPolicy& policy, const MemoryMeasurement& measured) {
  std::vector<Evidence> rows;
  const auto peak = static_cast<double>(measured.peak.count);
  if (policy.most) {
    const bool kept = measured.peak <= *policy.most;
    rows.push_back({.subject = "peak",
                    .outcome = kept ? Outcome::Pass : Outcome::Fail,
                    .found = peak,
                    .limit = static_cast<double>(policy.most->count),
                    .count = 1,
                    .detail = to_string(measured.peak) + ", at most " + to_string(*policy.most) + " allowed"});
  }
  if (policy.ratio_to_live) {
    Evidence row{.subject = "peak against the live version", .limit = policy.ratio_to_live, .count = 1};
    if (measured.live && measured.live->count > 0) {
      const auto live = static_cast<double>(measured.live->count);
      row.found = peak / live;
      row.reference = live;
      row.outcome = peak <= *policy.ratio_to_live * live ? Outcome::Pass : Outcome::Fail;
      row.detail = to_string(measured.peak) + " are " + text_of(peak / live) + " times the live version's " +
                   to_string(*measured.live) + ", at most " + text_of(*policy.ratio_to_live) + " allowed";
    } else {
      row.outcome = measured.has_live ? Outcome::Inconclusive : Outcome::Pass;
      row.detail = measured.has_live ? "the live version was not measured" : "no version is live";
    }
    rows.push_back(std::move(row));
  }
  return conclude(std::move(rows), "needs " + to_string(measured.peak), "no limit is declared");
}

}  // namespace slipway::gate
