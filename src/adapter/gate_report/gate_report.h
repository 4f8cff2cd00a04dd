// GateReport: verdicts and their evidence as JSON and as JUnit XML (docs/formats/gate-evidence.md).
#pragma once

#include <string>
#include <vector>

#include "domain/gate/gates.h"
#include "ports/candidate_probe.h"

namespace slipway::gate_report {

// What was validated. Borrowed texts.
struct Subject {
  std::string model;
  std::string digest;  // of the version's content
  std::string plan;    // the plan file's SHA-256
  std::string data;    // the evaluation data's; empty: none
};

// The same values, the same bytes: no time, no order but the plan's.
std::string to_json(const Subject& subject, const std::vector<gate::GateVerdict>& verdicts, gate::Outcome outcome,
                    const std::vector<ports::SandboxLayer>& sandbox);
// One test case per gate; Fail is a failure, Inconclusive an error, which is what CI systems show for each.
std::string to_junit(const Subject& subject, const std::vector<gate::GateVerdict>& verdicts);

}  // namespace slipway::gate_report
