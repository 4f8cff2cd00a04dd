// Gate steps: what the gate process does with a candidate. Runs in that process, never in the server.
#pragma once

#include <functional>

#include "ports/gate_probe.h"
#include "service/validation/candidate.h"
#include "service/validation/measurement.h"

namespace slipway::validation {

using GateReport = std::function<void(const ports::GateFinding&)>;

// Loads and warms up, then golden examples, determinism, latency, memory and the row sets, as far as asked. Each
// finding is reported when it is made. A model that does not load ends it; anything else that fails is a finding of its
// own. Blocks; one thread.
void run_gate_steps(Candidate candidate, ports::Backend& backend, const Surroundings& surroundings,
                    const ports::GateRequest& request, const GateReport& report);

}  // namespace slipway::validation
