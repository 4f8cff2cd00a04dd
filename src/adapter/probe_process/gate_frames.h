// The request to the verification child: a sealed memory file with the package's verified bytes.
#pragma once

#include "adapter/probe_process/child.h"
#include "adapter/probe_process/frame.h"
#include "base/descriptor.h"
#include "domain/model/version.h"
#include "ports/artifact_store.h"
#include "ports/gate_probe.h"

namespace slipway::probe_process {

struct RequestHead {
  SandboxPolicy sandbox = SandboxPolicy::Preferred;
  Bytes largest_package = gibibytes(16);
};

// Blocks. Corrupt: the package's bytes are damaged. `gates`: none to verify the version.
Result<Descriptor> write_request(const RequestHead& head, const model::ModelVersion& version,
                                 ports::ArtifactStore& artifacts, const ports::GateRequest* gates);

// The child's side: what follows the package's files. Borrows the request.
Result<ports::GateRequest> read_gate_request(FrameReader& frame);

// A finding as the child tells it, and the run that the findings of an answer make up. Layers come first.
void write_finding(FrameWriter& frame, const ports::GateFinding& finding);
Result<void> read_findings(FrameReader& frame, ports::GateRun& run);

}  // namespace slipway::probe_process
