#include "service/validation/trial.h"

#include <algorithm>
#include <numeric>

namespace slipway::validation {
namespace {
constexpr Duration kTimePerMeasurement = std::chrono::milliseconds(150);
constexpr std::size_t kFewestRuns = 3;
constexpr std::size_t kMostRuns = 200;
}  // namespace

Trial::Trial(const Candidate& candidate, ports::LoadedModel& loaded, const Clock& clock)
    : manifest_(candidate.manifest), loaded_(loaded), clock_(clock), rows_(candidate.manifest) {
  for (const tensor::TensorSpec& spec : manifest_.signature.outputs) {
    batch_.wanted.push_back(static_cast<std::uint32_t>(*loaded_.signature().output_index(spec.name)));
  }
}

Result<Trial::Outputs> Trial::run(const std::vector<tensor::Tensor>& inputs) {
  batch_.inputs.clear();
  for (const tensor::Tensor& input : inputs) batch_.inputs.push_back(input.view());
  TRY(loaded_.execute(batch_));
  if (!batch_.row_errors.empty()) {
    Error first = batch_.row_errors.front().second;
    batch_.release();
    return first;
  }
  Outputs outputs;
  for (std::size_t i = 0; i < batch_.outputs.size(); ++i) {
    const tensor::TensorView& view = batch_.outputs[i];
    outputs.push_back(
        {manifest_.signature.outputs[i].name, view.datatype, view.shape, {view.data.begin(), view.data.end()}});
  }
  batch_.release();
  return outputs;
}

Result<Trial::Outputs> Trial::run_rows(std::span<const std::uint64_t> rows) {
  return run(rows_.batch(rows));
}

Result<std::vector<Duration>> Trial::times(std::uint64_t rows, const TimingLimits& limits) {
  std::vector<std::uint64_t> numbers(rows);
  std::iota(numbers.begin(), numbers.end(), 0);
  const std::vector<tensor::Tensor> inputs = rows_.batch(numbers);
  batch_.inputs.clear();
  for (const tensor::Tensor& input : inputs) batch_.inputs.push_back(input.view());
  std::vector<Duration> times;
  TimePoint before = clock_.now();
  const TimePoint end = before + limits.time;
  while (times.size() < limits.fewest || (times.size() < limits.most && before < end)) {
    TRY(loaded_.execute(batch_));
    batch_.release();
    const TimePoint after = clock_.now();
    times.push_back(after - before);
    before = after;
  }
  return times;
}

Result<Duration> Trial::time(std::uint64_t rows) {
  std::vector<Duration> times = TRY(this->times(rows, {kFewestRuns, kMostRuns, kTimePerMeasurement}));
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

}  // namespace slipway::validation
