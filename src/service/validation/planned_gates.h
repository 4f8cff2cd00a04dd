// PlannedGates: the gates that a file of plans asks of a version in the registry.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ports/artifact_store.h"
#include "ports/gate_plan.h"
#include "ports/gate_probe.h"
#include "ports/package_reader.h"
#include "ports/version_gates.h"
#include "service/validation/gate_suite.h"

namespace slipway::validation {

// The text of a file of plans. A value.
struct PlanFile {
  std::string name;  // stands in messages
  std::string text;
};

// Owned by the application. Any thread; one run at a time keeps the machine for those who are served.
class PlannedGates final : public ports::VersionGates {
 public:
  struct Report {
    const model::ModelVersion& version;
    Digest plan;
    std::optional<Digest> data;  // the evaluation data's
    const GateResult& result;
  };
  struct Parts {
    ports::GatePlanReader& plans;
    ports::GateProbe& probe;
    ports::ArtifactStore& artifacts;
    ports::PackageReader& packages;
    std::function<std::string(const Report&)> write;               // the evidence as text
    std::function<Result<ports::Table>(const Digest&)> dataset{};  // a registered one; none: there are none
    // Who vouches for a version; none: nobody asks.
    std::function<Result<gate::SigningMeasurement>(const model::ModelVersion&)> signing{};
  };
  // InvalidInput: the plans are wrong, wherever in the file.
  static Result<void> check(ports::GatePlanReader& plans, const PlanFile& file);
  PlannedGates(Parts parts, PlanFile file);

  bool has_plan(const model::ModelName& name) const override;
  ports::GateFindings run(const model::ModelVersion& candidate, const model::ModelVersion* live,
                          const std::function<void(std::string_view)>& progress) override;

 private:
  const Parts parts_;
  const PlanFile file_;
  const Digest digest_;
};

}  // namespace slipway::validation
