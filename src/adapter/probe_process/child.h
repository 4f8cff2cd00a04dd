// The prober's side: what runs in the child process.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "ports/backend.h"
#include "ports/candidate_probe.h"
#include "ports/package_reader.h"

namespace slipway::probe_process {

inline constexpr int kRequestDescriptor = 3;
inline constexpr int kAnswerDescriptor = 4;

// Limits this process (memory, processor time, files, no core dump, dies with its parent), reads the request, measures
// the candidate and writes the outcome. Returns the process's exit code: 0 unless the request was not readable.
int run_child(ports::PackageReader& packages, ports::BackendCatalog& backends);

Result<ports::ProbeOutcome> read_outcome(ByteSpan answer);

}  // namespace slipway::probe_process
