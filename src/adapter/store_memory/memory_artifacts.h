// MemoryArtifacts: artifacts in memory, with the promises of ports/artifact_store.h but durability.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "ports/artifact_store.h"

namespace slipway::store_memory {

// For tests and trials. Must outlive its writers. Any thread.
class MemoryArtifacts final : public ports::ArtifactStore {
 public:
  Result<std::unique_ptr<ports::ArtifactWriter>> create() override;
  Result<std::unique_ptr<ports::ArtifactBatch>> begin_batch() override;
  Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) override;
  Result<void> pour(const Digest& digest, Bytes limit, const ports::TakePiece& take) override;
  Result<std::unique_ptr<ports::Content>> content(const Digest& digest) override;
  Result<bool> contains(const Digest& digest) override;
  Result<void> remove(const Digest& digest) override;
  Result<std::vector<Digest>> list() override;
  // Changes the stored bytes, as no store should. Requires: stored and not empty.
  void damage(const Digest& digest);

 private:
  class Writer;
  class Batch;
  Guarded<std::map<Digest, std::vector<std::byte>>> contents_;
};

}  // namespace slipway::store_memory
