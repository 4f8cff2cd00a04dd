// CandidateProbe: verifies a version outside the server. Adapter: probe_process (a child of the same binary).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/model/version.h"

namespace slipway::ports {

// One wall of the sandbox around a version while it is verified: namespaces, Landlock, ...
struct SandboxLayer {
  std::string name;
  std::string missing;  // why it could not be made; empty: it holds
  bool operator==(const SandboxLayer&) const = default;
};

// What came of a probe. Only Failed rejects a version; Inconclusive leaves it Registered, to be validated again.
// Interrupted: the probe was told to stop and knows nothing; the next start verifies the version.
struct ProbeOutcome {
  enum class Verdict : std::uint8_t { Passed, Failed, Inconclusive, Interrupted };
  Verdict verdict = Verdict::Inconclusive;
  std::string reason;                      // why not passed: expected, found, where
  model::Verification measured;            // when passed
  std::vector<SandboxLayer> sandbox = {};  // as found before the model was loaded; empty: it did not come to that
};

class CandidateProbe {
 public:
  virtual ~CandidateProbe() = default;
  // Loads, warms up, checks golden examples and row independence, measures cost. Blocks (bounded by the probe's own
  // timeout). Any thread.
  virtual ProbeOutcome probe(const model::ModelVersion& version) = 0;
};

}  // namespace slipway::ports
