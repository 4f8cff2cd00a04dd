// transfer: artifacts from one folder into a store, every byte of them checked on the way.
#pragma once

#include "adapter/artifacts_filesystem/artifact_folder.h"
#include "app/commands/kept_records.h"
#include "app/commands/pace.h"
#include "ports/artifact_store.h"

namespace slipway::app {

struct Transfer {
  std::uint64_t copied = 0, copied_bytes = 0;
  std::uint64_t there_already = 0;
};

// Those of `wanted` that `into` does not hold; durable on return. Stops at the first that is not as it should be:
// Corrupt (other content), NotFound (none), with the digest in `at`.
Result<Transfer> transfer(const artifacts_filesystem::ArtifactFolder& from, ports::ArtifactStore& into,
                          const Needed& wanted, Pace& pace, std::optional<Digest>& at);

}  // namespace slipway::app
