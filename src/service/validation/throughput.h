// Throughput: how long a model takes at growing batch sizes, for people who choose one.
#pragma once

#include <vector>

#include "base/clock.h"
#include "service/validation/candidate.h"

namespace slipway::validation {

struct BatchTiming {
  std::uint64_t rows;
  Duration median;  // of one execution
};

// Loads the candidate and times it at 1, 2, 4, ... rows up to its max_batch (at most 256); at 1 only when it has no
// batch dimension. Blocks for about 150 ms per size; one thread.
Result<std::vector<BatchTiming>> time_batches(Candidate candidate, ports::Backend& backend, const Clock& clock);

}  // namespace slipway::validation
