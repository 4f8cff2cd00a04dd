// VersionGates: holds a version against the gate plan of its model. Fits it: service/validation, PlannedGates.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "domain/model/verdict.h"
#include "domain/model/version.h"

namespace slipway::ports {

// What the gates found. Interrupted: told to stop before there was a verdict, so nothing is known.
struct GateFindings {
  model::Verdict verdict = model::Verdict::Inconclusive;
  std::string reason;  // why it is not Pass: the gate and what it says
  Digest plan;         // of the text that holds the plan
  std::string body;    // the evidence as JSON (docs/formats/gate-evidence.md)
  bool interrupted = false;
};

// Any thread.
class VersionGates {
 public:
  virtual ~VersionGates() = default;
  virtual bool has_plan(const model::ModelName& name) const = 0;
  // Blocks for as long as the plan's measurements take. `live`: the version it is compared with; null: none is live.
  // Never fails: what cannot be measured makes it Inconclusive. `progress` is told what is being done.
  virtual GateFindings run(const model::ModelVersion& candidate, const model::ModelVersion* live,
                           const std::function<void(std::string_view)>& progress) = 0;
};

}  // namespace slipway::ports
