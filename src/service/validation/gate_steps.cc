#include "service/validation/gate_steps.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "service/validation/comparison.h"
#include "service/validation/trial.h"

namespace slipway::validation {
namespace {

constexpr std::size_t kFewestTimes = 100;
constexpr std::size_t kMostTimes = 2000;
constexpr Duration kTimePerBatchSize = std::chrono::milliseconds(300);
constexpr std::uint64_t kDeterminismRows = 32;
constexpr std::uint64_t kMostRowsAtOnce = 64;

std::uint64_t rows_at_once(const model::Manifest& manifest) {
  if (!tensor::has_batch_dimension(manifest.signature)) return 1;
  const std::uint64_t most = manifest.batching.max_batch;
  return most == 0 ? kMostRowsAtOnce : std::min(most, kMostRowsAtOnce);
}

gate::CaseResult golden_case(Trial& trial, const model::Manifest& manifest, std::size_t index) {
  const model::GoldenExample& example = manifest.golden[index];
  gate::CaseResult result{
      .name = "golden example " + std::to_string(index + 1), .largest_difference = {}, .detail = {}};
  const auto found = trial.run(example.inputs);
  if (!found.ok()) {
    result.detail = found.error().message;
    return result;
  }
  for (const tensor::Tensor& expected : example.outputs) {
    const auto output = manifest.signature.output_index(expected.name);
    if (!output) {
      result.detail = "the model has no output \"" + expected.name + "\"";
      return result;
    }
    const auto same = compare(expected.view(), (*found)[*output].view(), {example.tolerance, example.tolerance});
    if (!same.ok()) {
      result.detail = same.error().message;
      return result;
    }
  }
  result.matches = true;
  return result;
}

gate::GoldenMeasurement measure_golden(Trial& trial, const model::Manifest& manifest) {
  gate::GoldenMeasurement all;
  for (std::size_t i = 0; i < manifest.golden.size(); ++i) all.cases.push_back(golden_case(trial, manifest, i));
  return all;
}

tensor::TensorView row_of(const tensor::Tensor& output, std::uint64_t row) {
  tensor::TensorView view = output.view();
  view.data = tensor::rows_of(view, row, 1);
  view.shape.set(0, 1);
  return view;
}

// Counts the row once, however many outputs differ.
void count(gate::Comparison& into, std::uint64_t row, const Result<void>& same) {
  ++into.compared;
  if (same.ok()) return;
  if (into.differing++ == 0) into.first = "row " + std::to_string(row) + ": " + same.error().message;
}

Result<void> same_bytes(const Trial::Outputs& first, const Trial::Outputs& second) {
  for (std::size_t i = 0; i < first.size(); ++i) {
    TRY(compare(first[i].view(), second[i].view(), {0, 0}));
    if (first[i].data != second[i].data) return invalid_input("output \"" + first[i].name + "\" differs in its bytes");
  }
  return {};
}

Result<gate::DeterminismMeasurement> measure_determinism(Trial& trial, const model::Manifest& manifest) {
  gate::DeterminismMeasurement found;
  const std::uint64_t n = std::min(rows_at_once(manifest), kDeterminismRows);
  std::vector<std::uint64_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::vector<Trial::Outputs> alone;
  for (const std::uint64_t& row : numbers) {
    alone.push_back(TRY(trial.run_rows(std::span(&row, 1))));
    count(found.repeated, row, same_bytes(alone.back(), TRY(trial.run_rows(std::span(&row, 1)))));
  }
  if (n < 2 || !manifest.batching.enabled) return found;
  const Trial::Outputs together = TRY(trial.run_rows(numbers));
  found.batched.emplace();
  for (const std::uint64_t row : numbers) {
    Result<void> same;
    for (std::size_t i = 0; same.ok() && i < together.size(); ++i) {
      const tensor::Tensor& output = together[i];
      if (output.shape.rank() == 0 || output.shape[0] != static_cast<std::int64_t>(n)) {
        same = invalid_input("output \"" + output.name + "\" does not count rows");
      } else {
        same = compare(alone[row][i].view(), row_of(output, row), batch_tolerance(output.datatype));
      }
    }
    count(*found.batched, row, same);
  }
  return found;
}

// The rows [first, first + count) of a set, as tensors of their own: aligned, and no more memory than one batch.
std::vector<tensor::Tensor> part_of(const ports::RowSet& set, std::uint64_t first, std::uint64_t count, bool has_rows) {
  std::vector<tensor::Tensor> inputs;
  for (const tensor::TensorView& whole : set.inputs) {
    const ByteSpan bytes = tensor::rows_of(whole, first, count);
    tensor::Shape shape = whole.shape;
    shape.set(0, static_cast<std::int64_t>(has_rows ? count : 1));
    inputs.push_back({std::string(whole.name), whole.datatype, shape, {bytes.begin(), bytes.end()}});
  }
  return inputs;
}

Result<Trial::Outputs> run_set(Trial& trial, const ports::RowSet& set, const model::Manifest& manifest) {
  const bool has_rows = tensor::has_batch_dimension(manifest.signature);
  const std::uint64_t most = rows_at_once(manifest);
  Trial::Outputs all;
  for (std::uint64_t first = 0; first < set.rows; first += most) {
    const std::uint64_t count = std::min(most, set.rows - first);
    auto part = trial.run(part_of(set, first, count, has_rows));
    if (!part.ok()) {
      return std::move(part).error().within("rows " + std::to_string(first + 1) + " to " +
                                            std::to_string(first + count));
    }
    for (std::size_t i = 0; i < part->size(); ++i) {
      tensor::Tensor& output = (*part)[i];
      if (all.size() <= i) {
        all.push_back(std::move(output));
        continue;
      }
      all[i].data.insert(all[i].data.end(), output.data.begin(), output.data.end());
      if (all[i].shape.rank() > 0) all[i].shape.set(0, all[i].shape[0] + output.shape[0]);
    }
  }
  return all;
}

gate::LatencySample time_rows(Trial& trial, std::uint64_t rows) {
  gate::LatencySample sample{.rows = rows, .candidate = {}, .live = {}};
  const auto times = trial.times(rows, {kFewestTimes, kMostTimes, kTimePerBatchSize});
  if (!times.ok()) return sample;
  for (const Duration time : *times)
    sample.candidate.push_back(std::chrono::duration<double, std::micro>(time).count());
  return sample;
}

gate::LoadMeasurement refused(const Error& error) {
  const bool memory = error.code == ErrorCode::Unavailable && error.message.find("memory") != std::string::npos;
  const bool its_fault = error.code == ErrorCode::InvalidInput || error.code == ErrorCode::Corrupt;
  return {.end = memory      ? gate::LoadEnd::OutOfMemory
                 : its_fault ? gate::LoadEnd::Refused
                             : gate::LoadEnd::Stopped,
          .detail = error.message};
}

}  // namespace

void run_gate_steps(Candidate candidate, ports::Backend& backend, const Surroundings& surroundings,
                    const ports::GateRequest& request, const GateReport& report) {
  model::Manifest& manifest = candidate.manifest;
  const Bytes before = surroundings.resident_memory();
  Bytes most = before;
  const auto look_at_memory = [&] { most = std::max(most, surroundings.resident_memory()); };
  gate::LoadMeasurement load;
  const TimePoint started = surroundings.clock.now();
  const auto loaded = backend.load(candidate.load_request());
  load.load_time = surroundings.clock.now() - started;
  if (!loaded.ok()) return report(refused(loaded.error()));
  auto settled = tensor::settle_declaration(manifest.signature, (*loaded)->signature());
  report((*loaded)->signature());
  if (!settled.ok()) return report(refused(settled.error()));
  manifest.signature = *std::move(settled);

  Trial trial(candidate, **loaded, surroundings.clock);
  const TimePoint warm = surroundings.clock.now();
  const std::uint64_t first = 0;
  while (load.warmup_runs < std::max(manifest.warmup_runs, 1U) && trial.run_rows(std::span(&first, 1)).ok()) {
    ++load.warmup_runs;
  }
  load.warmup_time = surroundings.clock.now() - warm;
  load.end = gate::LoadEnd::Loaded;
  report(load);
  look_at_memory();
  if (request.asks_golden) report(measure_golden(trial, manifest));
  if (request.asks_determinism) {
    if (auto found = measure_determinism(trial, manifest); found.ok()) report(*std::move(found));
  }
  for (const std::uint64_t rows : request.latency_rows) report(time_rows(trial, rows));
  look_at_memory();
  for (const ports::RowSet& set : request.row_sets) {
    auto outputs = run_set(trial, set, manifest);
    look_at_memory();
    report(outputs.ok() ? ports::RowAnswers{*std::move(outputs), ""} : ports::RowAnswers{{}, outputs.error().message});
  }
  report(ports::PeakMemory{{most.count - before.count}});
}

}  // namespace slipway::validation
