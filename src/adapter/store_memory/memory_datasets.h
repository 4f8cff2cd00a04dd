// MemoryDatasets: registered data sets in memory, with the promises of ports/dataset_store.h but durability.
#pragma once

#include <map>

#include "base/guarded.h"
#include "ports/dataset_store.h"

namespace slipway::store_memory {

// For tests and trials. Any thread. Fails only by Conflict.
class MemoryDatasets final : public ports::DatasetStore {
 public:
  Result<void> add(const ports::DatasetRecord& record) override;
  Result<std::optional<ports::DatasetRecord>> find(const Digest& digest) override;
  Result<std::vector<ports::DatasetRecord>> list(const std::optional<Digest>& after, std::size_t limit) override;
  Result<bool> remove(const Digest& digest) override;

 private:
  Guarded<std::map<Digest, ports::DatasetRecord>> records_;
};

}  // namespace slipway::store_memory
