// How much memory the prober's process may use.
#pragma once

#include "base/bytes.h"
#include "base/descriptor.h"
#include "ports/candidate_probe.h"

namespace slipway::probe_process {

// How much of this process is resident, also once no file can be opened any more. One thread at a time.
class MemoryGauge {
 public:
  MemoryGauge();
  Bytes resident() const;  // 0: not known

 private:
  Descriptor pages_;
};

// From now on this process may map `allowed` more for its data, and room for what an engine maps and never touches;
// what goes beyond is refused to whoever asks. False: this build cannot be limited (a sanitizer's shadow is data too).
bool limit_memory(Bytes allowed);

// An outcome that came about because memory was refused is the candidate's failure, told as that.
ports::ProbeOutcome judged(ports::ProbeOutcome outcome, Bytes allowed);

}  // namespace slipway::probe_process
