#include "adapter/probe_process/gate_frames.h"

#include <bit>

#include "domain/gate/measurements.h"
#include "domain/tensor/signature.h"

namespace slipway::probe_process {
namespace {

// The same binary at both ends: a finding's tag is its place in ports::GateFinding.
constexpr std::uint64_t kMostTensors = 1024;
constexpr std::uint64_t kMostSets = 4096;
constexpr std::uint64_t kMostSpecs = 1024;
constexpr std::uint64_t kMostNumbers = 1'000'000;

void write_real(FrameWriter& frame, double value) {
  frame.number(std::bit_cast<std::uint64_t>(value));
}
Result<double> read_real(FrameReader& frame) {
  return std::bit_cast<double>(TRY(frame.number()));
}
Result<Duration> read_duration(FrameReader& frame) {
  return Duration(static_cast<std::int64_t>(TRY(frame.number())));
}
Result<std::uint64_t> read_count(FrameReader& frame, std::uint64_t most) {
  const std::uint64_t count = TRY(frame.number());
  if (count > most)
    return corrupt("a count of " + std::to_string(count) + " where at most " + std::to_string(most) + " fit");
  return count;
}

void write_shape(FrameWriter& frame, const tensor::Shape& shape) {
  frame.number(shape.rank());
  for (const std::int64_t size : shape.dimensions()) frame.number(static_cast<std::uint64_t>(size));
}
Result<tensor::Shape> read_shape(FrameReader& frame) {
  const std::uint64_t rank = TRY(read_count(frame, tensor::kMaxRank));
  tensor::Shape shape;
  for (std::uint64_t i = 0; i < rank; ++i) shape.append(static_cast<std::int64_t>(TRY(frame.number())));
  return shape;
}
Result<tensor::DataType> read_type(FrameReader& frame) {
  const std::uint64_t type = TRY(frame.number());
  if (type < 1 || type > static_cast<std::uint64_t>(tensor::DataType::BF16)) return corrupt("no such data type");
  return static_cast<tensor::DataType>(type);
}

// Borrows the frame.
Result<tensor::TensorView> read_tensor(FrameReader& frame) {
  tensor::TensorView view;
  view.name = as_text(TRY(frame.span()));
  view.datatype = TRY(read_type(frame));
  view.shape = TRY(read_shape(frame));
  view.data = TRY(frame.span());
  TRY(tensor::check_data_length(view));
  return view;
}

void write_specs(FrameWriter& frame, const std::vector<tensor::TensorSpec>& specs) {
  frame.number(specs.size());
  for (const tensor::TensorSpec& spec : specs) {
    frame.text(spec.name);
    frame.number(static_cast<std::uint64_t>(spec.datatype));
    write_shape(frame, spec.shape);
    frame.number(spec.optional);
  }
}
Result<std::vector<tensor::TensorSpec>> read_specs(FrameReader& frame) {
  const std::uint64_t count = TRY(read_count(frame, kMostSpecs));
  std::vector<tensor::TensorSpec> specs(count);
  for (tensor::TensorSpec& spec : specs) {
    spec.name = TRY(frame.text());
    spec.datatype = TRY(read_type(frame));
    spec.shape = TRY(read_shape(frame));
    spec.optional = TRY(frame.number()) != 0;
  }
  return specs;
}

void write(FrameWriter& frame, const gate::LoadMeasurement& load) {
  frame.number(static_cast<std::uint64_t>(load.end));
  frame.text(load.detail);
  frame.number(static_cast<std::uint64_t>(load.load_time.count()));
  frame.number(load.warmup_runs);
  frame.number(static_cast<std::uint64_t>(load.warmup_time.count()));
}
void write(FrameWriter& frame, const tensor::Signature& signature) {
  write_specs(frame, signature.inputs);
  write_specs(frame, signature.outputs);
}
void write(FrameWriter& frame, const gate::GoldenMeasurement& golden) {
  frame.number(golden.cases.size());
  for (const gate::CaseResult& one : golden.cases) {
    frame.text(one.name);
    frame.number(one.matches);
    frame.text(one.detail);
  }
}
void write(FrameWriter& frame, const gate::Comparison& comparison) {
  frame.number(comparison.compared);
  frame.number(comparison.differing);
  write_real(frame, comparison.largest_difference);
  frame.text(comparison.first);
}
void write(FrameWriter& frame, const gate::DeterminismMeasurement& determinism) {
  write(frame, determinism.repeated);
  frame.number(determinism.batched.has_value());
  if (determinism.batched) write(frame, *determinism.batched);
}
void write(FrameWriter& frame, const gate::LatencySample& sample) {
  frame.number(sample.rows);
  frame.number(sample.candidate.size());
  for (const double time : sample.candidate) write_real(frame, time);
}
void write(FrameWriter& frame, const ports::RowAnswers& answers) {
  frame.text(answers.refused);
  frame.number(answers.outputs.size());
  for (const tensor::Tensor& output : answers.outputs) {
    frame.text(output.name);
    frame.number(static_cast<std::uint64_t>(output.datatype));
    write_shape(frame, output.shape);
    frame.text(as_text(output.data));
  }
}
void write(FrameWriter& frame, const ports::PeakMemory& memory) {
  frame.number(memory.growth.count);
}

Result<void> read(FrameReader& frame, gate::LoadMeasurement& load) {
  const std::uint64_t end = TRY(read_count(frame, static_cast<std::uint64_t>(gate::LoadEnd::Stopped)));
  load.end = static_cast<gate::LoadEnd>(end);
  load.detail = TRY(frame.text());
  load.load_time = TRY(read_duration(frame));
  load.warmup_runs = static_cast<std::uint32_t>(TRY(frame.number()));
  load.warmup_time = TRY(read_duration(frame));
  return {};
}
Result<void> read(FrameReader& frame, tensor::Signature& signature) {
  signature.inputs = TRY(read_specs(frame));
  signature.outputs = TRY(read_specs(frame));
  return {};
}
Result<void> read(FrameReader& frame, gate::GoldenMeasurement& golden) {
  golden.cases.resize(TRY(read_count(frame, kMostNumbers)));
  for (gate::CaseResult& one : golden.cases) {
    one.name = TRY(frame.text());
    one.matches = TRY(frame.number()) != 0;
    one.detail = TRY(frame.text());
  }
  return {};
}
Result<void> read(FrameReader& frame, gate::Comparison& comparison) {
  comparison.compared = TRY(frame.number());
  comparison.differing = TRY(frame.number());
  comparison.largest_difference = TRY(read_real(frame));
  comparison.first = TRY(frame.text());
  return {};
}
Result<void> read(FrameReader& frame, gate::DeterminismMeasurement& determinism) {
  TRY(read(frame, determinism.repeated));
  if (TRY(frame.number()) != 0) TRY(read(frame, determinism.batched.emplace()));
  return {};
}
Result<void> read(FrameReader& frame, gate::LatencySample& sample) {
  sample.rows = TRY(frame.number());
  sample.candidate.resize(TRY(read_count(frame, kMostNumbers)));
  for (double& time : sample.candidate) time = TRY(read_real(frame));
  return {};
}
Result<void> read(FrameReader& frame, ports::RowAnswers& answers) {
  answers.refused = TRY(frame.text());
  const std::uint64_t count = TRY(read_count(frame, kMostTensors));
  for (std::uint64_t i = 0; i < count; ++i) {
    const tensor::TensorView view = TRY(read_tensor(frame));
    answers.outputs.push_back(
        {std::string(view.name), view.datatype, view.shape, {view.data.begin(), view.data.end()}});
  }
  return {};
}

Result<void> read_finding(FrameReader& frame, ports::GateRun& run) {
  switch (TRY(frame.number())) {
    case 0:
      return read(frame, run.load);
    case 1:
      return read(frame, run.actual.emplace());
    case 2:
      return read(frame, run.golden.emplace());
    case 3:
      return read(frame, run.determinism.emplace());
    case 4:
      return read(frame, run.latency.emplace_back());
    case 5:
      return read(frame, run.answers.emplace_back());
    case 6:
      run.memory = ports::PeakMemory{{TRY(frame.number())}};
      return {};
  }
  return corrupt("no such finding");
}

}  // namespace

void write_finding(FrameWriter& frame, const ports::GateFinding& finding) {
  frame.number(finding.index());
  std::visit([&](const auto& one) { write(frame, one); }, finding);
}

Result<void> read_findings(FrameReader& frame, ports::GateRun& run) {
  while (!frame.is_at_end()) TRY(read_finding(frame, run));
  return {};
}

Result<ports::GateRequest> read_gate_request(FrameReader& frame) {
  ports::GateRequest request;
  request.asks_golden = TRY(frame.number()) != 0;
  request.asks_determinism = TRY(frame.number()) != 0;
  request.latency_rows.resize(TRY(read_count(frame, kMostSets)));
  for (std::uint64_t& rows : request.latency_rows) rows = TRY(frame.number());
  request.row_sets.resize(TRY(read_count(frame, kMostSets)));
  for (ports::RowSet& set : request.row_sets) {
    set.name = TRY(frame.text());
    set.rows = TRY(frame.number());
    set.inputs.resize(TRY(read_count(frame, kMostTensors)));
    for (tensor::TensorView& input : set.inputs) input = TRY(read_tensor(frame));
  }
  return request;
}

}  // namespace slipway::probe_process
