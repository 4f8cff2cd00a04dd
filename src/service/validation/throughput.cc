#include "service/validation/throughput.h"

#include <algorithm>

#include "service/validation/trial.h"

namespace slipway::validation {

Result<std::vector<BatchTiming>> time_batches(Candidate candidate, ports::Backend& backend, const Clock& clock) {
  model::Manifest& manifest = candidate.manifest;
  const std::shared_ptr<ports::LoadedModel> loaded = TRY(backend.load(candidate.load_request()));
  manifest.signature = TRY(tensor::settle_declaration(std::move(manifest.signature), loaded->signature()));
  std::uint64_t most = 1;
  if (tensor::has_batch_dimension(manifest.signature)) {
    most = manifest.batching.max_batch == 0 ? 256 : std::min<std::uint64_t>(manifest.batching.max_batch, 256);
  }
  Trial trial(candidate, *loaded, clock);
  std::vector<BatchTiming> timings;
  for (std::uint64_t rows = 1; rows <= most; rows *= 2) timings.push_back({rows, TRY(trial.time(rows))});
  return timings;
}

}  // namespace slipway::validation
