// DatasetStore: which data sets are registered. Their bytes are artifacts. Adapters: store_memory, store_sqlite,
// store_postgres.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"

namespace slipway::ports {

// Evaluation data, known by the digest of its bytes. A value; never changed.
struct DatasetRecord {
  Digest digest;
  std::string name;  // of the file as it came; its ending says how it is read
  std::uint64_t size = 0;
  std::uint64_t rows = 0;
  std::vector<std::string> columns;  // in their order
  WallTime created_at{};
  std::string created_by;
  bool operator==(const DatasetRecord&) const = default;
};

// Any thread; every method blocks. Failures: as MetadataStore's.
class DatasetStore {
 public:
  virtual ~DatasetStore() = default;
  // Durable on return. Conflict: one of this digest is there.
  virtual Result<void> add(const DatasetRecord& record) = 0;
  virtual Result<std::optional<DatasetRecord>> find(const Digest& digest) = 0;
  // In order of digest, above `after` (none: from the first); at most `limit`.
  virtual Result<std::vector<DatasetRecord>> list(const std::optional<Digest>& after, std::size_t limit) = 0;
  virtual Result<bool> remove(const Digest& digest) = 0;  // durable on return; false: it was not there
};

}  // namespace slipway::ports
