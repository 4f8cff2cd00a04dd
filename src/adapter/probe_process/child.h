// The prober's side: what runs in the child process.
#pragma once

#include "adapter/probe_process/frame.h"
#include "base/bytes.h"
#include "base/result.h"
#include "ports/backend.h"
#include "ports/candidate_probe.h"
#include "ports/gate_probe.h"
#include "ports/package_reader.h"

namespace slipway::probe_process {

inline constexpr int kRequestDescriptor = 3;
inline constexpr int kAnswerDescriptor = 4;

// What a version is not verified without: the request's first number.
enum class SandboxPolicy : std::uint8_t {
  Preferred,  // whatever walls can be made here
  Required,   // all of them; else Inconclusive
};

// Confines this process (sandbox.h; memory, processor time, files, no core dump, dies with its parent), reads the
// request, measures the candidate and writes the outcome. Does not return: the process leaves with 0, or with 1 if the
// request was not readable.
[[noreturn]] void run_child(ports::PackageReader& packages, ports::BackendCatalog& backends);

// The steps of a child, each once: the walls that hold from the start; the request, mapped; bytes of the answer.
std::vector<ports::SandboxLayer> confine_this_process();
Result<ByteSpan> map_request();
void send_answer(std::string_view bytes);

Result<ports::ProbeOutcome> read_outcome(ByteSpan answer);
Result<void> read_after_layers(FrameReader& frame, ports::GateRun& run);  // the findings
std::vector<ports::SandboxLayer> layers_told(ByteSpan answer);            // also of an answer that was never finished

}  // namespace slipway::probe_process
