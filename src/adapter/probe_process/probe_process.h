// ProbeProcess: verifies a candidate version in a child of the same binary, so that a model of death never touches
// serving.
#pragma once

#include <atomic>
#include <string>

#include "adapter/probe_process/child.h"
#include "base/clock.h"
#include "base/log.h"
#include "ports/artifact_store.h"
#include "ports/candidate_probe.h"
#include "ports/gate_probe.h"

namespace slipway::probe_process {

struct Settings {
  std::string program = "/proc/self/exe";  // run as: program probe
  Duration timeout = std::chrono::seconds(120);
  Bytes largest_package = gibibytes(16);
  SandboxPolicy sandbox = SandboxPolicy::Preferred;
};

// Any thread; probe() blocks until the child has ended, killed at the timeout if it must be. The child gets the
// package's verified bytes in a sealed memory file and an environment without secrets, and answers through a pipe. A
// child that crashes, is killed or answers nonsense is Inconclusive; one that asks for what the sandbox forbids is
// Failed.
class ProbeProcess final : public ports::CandidateProbe, public ports::GateProbe {
 public:
  ProbeProcess(ports::ArtifactStore& artifacts, Log& log, Settings settings);
  ports::ProbeOutcome probe(const model::ModelVersion& version) override;
  ports::GateRun run(const model::ModelVersion& version, const ports::GateRequest& request) override;
  // Ends the probes that run, within a fraction of a second; these and all later ones are Interrupted. Any thread.
  void stop() { stopped_.store(true, std::memory_order_relaxed); }

 private:
  void warn_of_gaps(const model::ModelVersion& version, const std::vector<ports::SandboxLayer>& layers);

  ports::ArtifactStore& artifacts_;
  Log& log_;
  const Settings settings_;
  std::atomic<bool> stopped_{false};
};

}  // namespace slipway::probe_process
