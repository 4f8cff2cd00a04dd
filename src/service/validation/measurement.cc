#include "service/validation/measurement.h"

#include <algorithm>
#include <numeric>

#include "service/validation/comparison.h"
#include "service/validation/trial.h"

namespace slipway::validation {
namespace {

constexpr Duration kTimePerBatchSize =
    std::chrono::milliseconds(150);  // how long one point of the cost curve is measured
constexpr int kMostRuns = 200;
constexpr std::uint64_t kIndependenceRows = 8;
constexpr std::uint64_t kLargestMeasuredBatch = 64;

Result<void> check_golden(Trial& trial, const model::Manifest& manifest, std::uint32_t& checked) {
  for (std::size_t i = 0; i < manifest.golden.size(); ++i) {
    const model::GoldenExample& example = manifest.golden[i];
    const std::string where = "golden example " + std::to_string(i + 1);
    auto found = trial.run(example.inputs);
    if (!found.ok()) {
      Error failure = std::move(found).error().within(where);
      // An engine that breaks on the model's own example: that the model does not reproduce it is certain.
      if (failure.code == ErrorCode::Internal) failure.code = ErrorCode::InvalidInput;
      return failure;
    }
    for (const tensor::Tensor& expected : example.outputs) {
      const auto index = manifest.signature.output_index(expected.name);
      if (!index) return invalid_input(where + ": the model has no output \"" + expected.name + "\"");
      auto same = compare(expected.view(), (*found)[*index].view(), {example.tolerance, example.tolerance});
      if (!same.ok()) return std::move(same).error().within(where);
    }
    ++checked;
  }
  return {};
}

tensor::TensorView row_of(const tensor::Tensor& output, std::uint64_t row) {
  tensor::TensorView view = output.view();
  view.data = tensor::rows_of(view, row, 1);
  view.shape.set(0, 1);
  return view;
}

bool have_rows(const Trial::Outputs& outputs, std::uint64_t rows) {
  return std::ranges::all_of(outputs, [&](const tensor::Tensor& output) {
    return output.shape.rank() > 0 && output.shape[0] == static_cast<std::int64_t>(rows);
  });
}

// At equal n a row must be bit-equal when its neighbours change, and against batch 1 within batch_tolerance. Any
// failure to run samples counts as "not known to be independent".
bool are_rows_independent(Trial& trial, std::uint64_t n) {
  std::vector<std::uint64_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto together = trial.run_rows(numbers);
  if (!together.ok() || !have_rows(*together, n)) return false;
  for (std::uint64_t kept = 0; kept < n; ++kept) {
    std::vector<std::uint64_t> others(n);
    std::iota(others.begin(), others.end(), n * (kept + 1));
    others[kept] = numbers[kept];
    const auto changed = trial.run_rows(others);
    const auto alone = trial.run_rows(std::span(&numbers[kept], 1));
    if (!changed.ok() || !alone.ok() || !have_rows(*changed, n) || !have_rows(*alone, 1)) return false;
    for (std::size_t i = 0; i < together->size(); ++i) {
      const tensor::TensorView a = row_of((*together)[i], kept);
      const tensor::TensorView b = row_of((*changed)[i], kept);
      if (!std::ranges::equal(a.data, b.data)) return false;
      if (!compare((*alone)[i].view(), a, batch_tolerance(a.datatype)).ok()) return false;
    }
  }
  return true;
}

// Runs the first sample row. It is the first golden row if there is one, and those have passed; made-up values may be
// none the model accepts, and then nothing is known about it.
Result<void> warm_up(Trial& trial, std::uint32_t runs) {
  const std::uint64_t first = 0;
  for (std::uint32_t i = 0; i < std::max(runs, 1U); ++i) {
    const auto ran = trial.run_rows(std::span(&first, 1));
    if (ran.ok()) continue;
    return not_ready("made-up inputs do not run on this model (" + ran.error().message +
                     "): add a golden example to slipway.yaml, so that it can be warmed up and measured");
  }
  return {};
}

// t(n) = a + b n through the measured t(1) and t(N); if N sample rows do not run, every row is taken to cost t(1).
Result<model::Cost> measure_cost(Trial& trial, std::uint64_t largest) {
  const Duration one = TRY(trial.time(1));
  if (largest <= 1) return model::Cost{one, Duration{0}};
  const auto together = trial.time(largest);
  if (!together.ok()) return model::Cost{Duration{0}, one};
  const Duration many = *together;
  const Duration per_row = std::max(Duration{0}, (many - one) / static_cast<std::int64_t>(largest - 1));
  return model::Cost{std::max(Duration{0}, one - per_row), per_row};
}

Result<model::Verification> verify(Candidate candidate, ports::Backend& backend, const Surroundings& surroundings) {
  model::Manifest& manifest = candidate.manifest;
  model::Verification found;
  const Bytes before = surroundings.resident_memory();
  const TimePoint started = surroundings.clock.now();
  const std::shared_ptr<ports::LoadedModel> loaded = TRY(backend.load(candidate.load_request()));
  found.load_time = surroundings.clock.now() - started;
  manifest.signature = TRY(tensor::settle_declaration(std::move(manifest.signature), loaded->signature()));

  Trial trial(candidate, *loaded, surroundings.clock);
  TRY(check_golden(trial, manifest, found.golden_checked));
  TRY(warm_up(trial, manifest.warmup_runs));

  const std::uint64_t most = manifest.batching.max_batch == 0
                                 ? kLargestMeasuredBatch
                                 : std::min(manifest.batching.max_batch, kLargestMeasuredBatch);
  const bool has_rows = tensor::has_batch_dimension(manifest.signature);
  found.row_independent = manifest.batching.enabled && most > 1 && has_rows &&
                          are_rows_independent(trial, std::min(most, kIndependenceRows));
  found.cost = TRY(measure_cost(trial, has_rows ? most : 1));
  const Bytes after = surroundings.resident_memory();
  found.memory = {after.count > before.count ? after.count - before.count : 0};
  if (found.memory > manifest.limits.memory) {
    return invalid_input("loading and running took " + std::to_string(found.memory.count >> 20) +
                         " MiB of memory, limits.memory allows " + to_string(manifest.limits.memory));
  }
  if (found.cost.fixed + found.cost.per_row > manifest.limits.timeout) {
    return invalid_input("one row takes " + to_string(found.cost.fixed + found.cost.per_row) +
                         ", limits.timeout allows " + to_string(manifest.limits.timeout));
  }
  return found;
}

}  // namespace

ports::ProbeOutcome measure(const Candidate& candidate, ports::Backend& backend, const Surroundings& surroundings) {
  using Verdict = ports::ProbeOutcome::Verdict;
  auto found = verify(candidate, backend, surroundings);
  if (found.ok()) return {Verdict::Passed, "", std::move(found).value()};
  const ErrorCode code = found.error().code;
  // Anything else says that something here is missing or broke, and nothing about the model.
  const bool is_its_fault = code == ErrorCode::InvalidInput || code == ErrorCode::Corrupt;
  return {is_its_fault ? Verdict::Failed : Verdict::Inconclusive, std::move(found).error().message, {}};
}

}  // namespace slipway::validation
