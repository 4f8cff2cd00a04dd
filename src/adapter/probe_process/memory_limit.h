// How much memory the prober's process may use.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "ports/candidate_probe.h"

namespace slipway::probe_process {

// Resident now.
Bytes resident_memory();

// From now on this process may map `allowed` more for its data, and room for what an engine maps and never touches;
// what goes beyond is refused to whoever asks. False: this build cannot be limited (a sanitizer's shadow is data too).
bool limit_memory(Bytes allowed);

// An outcome that came about because memory was refused is the candidate's failure, told as that.
ports::ProbeOutcome judged(ports::ProbeOutcome outcome, Bytes allowed);

}  // namespace slipway::probe_process
