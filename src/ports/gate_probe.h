// GateProbe: runs a version for its gates outside the server. Adapter: probe_process (a sandboxed child).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/gate/measurements.h"
#include "domain/model/version.h"
#include "ports/candidate_probe.h"

namespace slipway::ports {

// Rows to run: every input holds all of them along its first dimension. Borrows its tensors.
struct RowSet {
  std::string name;
  std::uint64_t rows = 0;
  std::vector<tensor::TensorView> inputs;
};

// What is run besides loading and warming up. A value; borrows.
struct GateRequest {
  bool asks_golden = false;
  bool asks_determinism = false;
  std::vector<std::uint64_t> latency_rows;  // batch sizes to time
  std::vector<RowSet> row_sets;
};

// The outputs for all rows of one set, in the order of the signature; or why there are none.
struct RowAnswers {
  std::vector<tensor::Tensor> outputs;
  std::string refused;  // the first error, and the rows it came with
};

struct PeakMemory {
  Bytes growth;  // of the process, since before the model was loaded
};

// One finding, in the order it is made. A run that ends early has told those before.
using GateFinding = std::variant<gate::LoadMeasurement, tensor::Signature, gate::GoldenMeasurement,
                                 gate::DeterminismMeasurement, gate::LatencySample, RowAnswers, PeakMemory>;

struct GateRun {
  gate::LoadMeasurement load;  // Stopped until something else is found
  std::optional<tensor::Signature> actual;
  std::optional<gate::GoldenMeasurement> golden;
  std::optional<gate::DeterminismMeasurement> determinism;
  std::vector<gate::LatencySample> latency;
  std::vector<RowAnswers> answers;  // of the sets run, in their order
  std::optional<PeakMemory> memory;
  bool crashed = false;      // after it was loaded: by a signal of its own, or by what the sandbox forbids
  std::string ended_early;   // why; empty: it came to its end
  bool interrupted = false;  // told to stop: nothing is known
  std::vector<SandboxLayer> sandbox;
};

class GateProbe {
 public:
  virtual ~GateProbe() = default;
  // Blocks, bounded by the probe's own timeout. Any thread.
  virtual GateRun run(const model::ModelVersion& version, const GateRequest& request) = 0;
};

}  // namespace slipway::ports
