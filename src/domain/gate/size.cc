// The size gate: the package's bytes and files.
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {

Verdict judge_size(const SizePolicy& policy, const SizeMeasurement& measured) {
  std::vector<Evidence> rows;
  rows.push_back({.subject = "package",
                  .outcome = measured.package <= policy.most ? Outcome::Pass : Outcome::Fail,
                  .found = static_cast<double>(measured.package.count),
                  .limit = static_cast<double>(policy.most.count),
                  .count = measured.files,
                  .detail = to_string(measured.package) + " in " + plural(measured.files, "file") + ", at most " +
                            to_string(policy.most) + " allowed; the largest file has " +
                            to_string(measured.largest_file)});
  if (policy.most_files) {
    rows.push_back(
        {.subject = "files",
         .outcome = measured.files <= *policy.most_files ? Outcome::Pass : Outcome::Fail,
         .found = static_cast<double>(measured.files),
         .limit = static_cast<double>(*policy.most_files),
         .count = measured.files,
         .detail = std::to_string(measured.files) + ", at most " + std::to_string(*policy.most_files) + " allowed"});
  }
  return conclude(std::move(rows), to_string(measured.package), "");
}

}  // namespace slipway::gate
