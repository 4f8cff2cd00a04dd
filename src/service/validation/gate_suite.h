// GateSuite: gathers what a plan's gates ask for about a version, then asks them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/gate/gates.h"
#include "domain/model/version.h"
#include "ports/gate_plan.h"
#include "ports/gate_probe.h"
#include "ports/table_reader.h"

namespace slipway::validation {

// Borrows.
struct GateSubject {
  const model::ModelVersion& version;
  const model::Manifest& manifest;
  std::string card;  // Markdown; empty: none
};

struct GateInputs {
  GateSubject candidate;
  std::optional<GateSubject> live;      // the version that is served now
  const ports::Table* data = nullptr;   // the hold-out rows; null: none given
  const ports::Table* cases = nullptr;  // of the regression gate
  std::string no_data{};                // why there is none; empty: none was given
  std::string no_cases{};
  std::optional<gate::SigningMeasurement> signing{};  // who vouches for the candidate
  std::string no_signing{};
};

struct GateResult {
  gate::Measurements measured;
  std::vector<gate::GateVerdict> verdicts;
  gate::Outcome outcome = gate::Outcome::Inconclusive;
  std::vector<ports::SandboxLayer> sandbox;
  bool interrupted = false;  // the probe was told to stop: the outcome says nothing
};

// Any thread; run() blocks for as long as the plan's measurements take, in the probe's processes. It never fails: what
// could not be measured leaves its gate Inconclusive, with the reason. `progress` is told what is being done.
class GateSuite {
 public:
  explicit GateSuite(ports::GateProbe& probe) : probe_(probe) {}
  GateResult run(const ports::GatePlan& plan, const GateInputs& inputs,
                 const std::function<void(std::string_view)>& progress) const;

 private:
  // Times candidate and live in turn; true: interrupted.
  bool take_turns(const ports::GatePlan& plan, const GateInputs& inputs, gate::Measurements& measured) const;
  ports::GateProbe& probe_;
};

}  // namespace slipway::validation
