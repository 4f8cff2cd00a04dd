#include "app/gate_plan.h"

#include <filesystem>
#include <fstream>

#include "adapter/gate_report/gate_report.h"
#include "base/text.h"

namespace slipway::app {
namespace {

constexpr Bytes kLargestPlan = mebibytes(1);

}  // namespace

Result<std::string> read_plan_file(const std::string& path) {
  const std::string shown = "gate_plan: " + printable(path);
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) return not_found(shown + ": " + failure.message());
  if (size > kLargestPlan.count) {
    return invalid_input(shown + ": expected at most " + to_string(kLargestPlan) + ", found " + to_string(Bytes{size}));
  }
  std::string text(size, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(text.data(), static_cast<std::streamsize>(size))) return unavailable(shown + ": cannot be read");
  return text;
}

std::string write_evidence(const validation::PlannedGates::Report& report) {
  const std::string digest = "sha256:" + report.version.digest.hex();
  const std::string plan = report.plan.hex();
  const std::string data = report.data ? report.data->hex() : "";
  return gate_report::to_json({.model = report.version.name.text(), .digest = digest, .plan = plan, .data = data},
                              report.result.verdicts, report.result.outcome, report.result.sandbox);
}

}  // namespace slipway::app
