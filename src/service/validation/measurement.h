// Measurement: everything verification asks of a candidate version. Runs in the prober's process, never in the server.
#pragma once

#include <functional>

#include "base/clock.h"
#include "ports/candidate_probe.h"
#include "service/validation/candidate.h"

namespace slipway::validation {

// What the measurement needs of its surroundings.
struct Surroundings {
  const Clock& clock;
  std::function<Bytes()> resident_memory;  // of this process
};

// In this order, ending at the first failure: loads; checks the declared signature against the file's; warms up; checks
// the golden examples; looks whether rows are independent of their neighbours; measures t(n) = a + b n; checks memory
// and time against the manifest's limits. Blocks for seconds; one thread. What is wrong with the model is Failed; an
// engine that is missing or breaks is Inconclusive, except on a golden example: that is not reproduced then.
ports::ProbeOutcome measure(const Candidate& candidate, ports::Backend& backend, const Surroundings& surroundings);

}  // namespace slipway::validation
