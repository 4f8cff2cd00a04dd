// CandidateProbe: verifies a version outside the server. Adapter: probe_process (a child of the same binary).
#pragma once

#include <functional>

#include "base/result.h"
#include "domain/model/version.h"

namespace slipway::ports {

// What came of a probe. Only Failed rejects a version; Inconclusive leaves it Registered, to be validated again.
// Interrupted: the probe was told to stop and knows nothing; the next start verifies the version.
struct ProbeOutcome {
  enum class Verdict : std::uint8_t { Passed, Failed, Inconclusive, Interrupted };
  Verdict verdict = Verdict::Inconclusive;
  std::string reason;            // why not passed: expected, found, where
  model::Verification measured;  // when passed
};

class CandidateProbe {
 public:
  virtual ~CandidateProbe() = default;
  // Loads, warms up, checks golden examples and row independence, measures cost. Blocks (bounded by the probe's own
  // timeout). Any thread.
  virtual ProbeOutcome probe(const model::ModelVersion& version) = 0;
};

}  // namespace slipway::ports
