#include "adapter/store_memory/memory_datasets.h"

namespace slipway::store_memory {

Result<void> MemoryDatasets::add(const ports::DatasetRecord& record) {
  if (records_.lock()->emplace(record.digest, record).second) return {};
  return conflict("data set sha256:" + record.digest.hex() + " is registered already");
}

Result<std::optional<ports::DatasetRecord>> MemoryDatasets::find(const Digest& digest) {
  auto records = records_.lock();
  const auto found = records->find(digest);
  return found == records->end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<ports::DatasetRecord>> MemoryDatasets::list(const std::optional<Digest>& after, std::size_t limit) {
  auto records = records_.lock();
  std::vector<ports::DatasetRecord> found;
  for (auto at = after ? records->upper_bound(*after) : records->begin(); at != records->end(); ++at) {
    if (found.size() == limit) break;
    found.push_back(at->second);
  }
  return found;
}

Result<bool> MemoryDatasets::remove(const Digest& digest) {
  return records_.lock()->erase(digest) == 1;
}

}  // namespace slipway::store_memory
