// Trial: a loaded candidate and the few ways it is run to learn about it.
#pragma once

#include <span>
#include <vector>

#include "base/clock.h"
#include "service/validation/candidate.h"
#include "service/validation/sample_rows.h"

namespace slipway::validation {

// One thread. Borrows all it is given. Requires: the manifest's signature was settled with the model's.
class Trial {
 public:
  Trial(const Candidate& candidate, ports::LoadedModel& loaded, const Clock& clock);

  using Outputs = std::vector<tensor::Tensor>;  // in the order of the manifest's signature
  Result<Outputs> run(const std::vector<tensor::Tensor>& inputs);
  Result<Outputs> run_rows(std::span<const std::uint64_t> rows);
  struct TimingLimits {
    std::size_t fewest;
    std::size_t most;
    Duration time;  // no further run begins after it, once there are enough
  };
  // Each execution of sample rows 0 .. rows-1, in the order measured.
  Result<std::vector<Duration>> times(std::uint64_t rows, const TimingLimits& limits);
  // The median time of one execution of sample rows 0 .. rows-1: at least 3 runs, then as many as fit 150 ms, at most
  // 200.
  Result<Duration> time(std::uint64_t rows);

 private:
  const model::Manifest& manifest_;
  ports::LoadedModel& loaded_;
  const Clock& clock_;
  SampleRows rows_;
  ports::Batch batch_;
};

}  // namespace slipway::validation
