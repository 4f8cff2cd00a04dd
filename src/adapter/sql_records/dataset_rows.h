// Registered data sets, to and from their tables (docs/formats/datasets.md).
#pragma once

#include <optional>
#include <vector>

#include "adapter/sql_records/connection.h"
#include "ports/dataset_store.h"

namespace slipway::sql_records {

// All of these: requires that one transaction is open around the call, to write for add and remove. Corrupt: a value
// outside its rules.

Result<void> add_dataset(Connection& connection, const ports::DatasetRecord& record);  // Conflict: it is there
Result<std::optional<ports::DatasetRecord>> read_dataset(Connection& connection, const Digest& digest);
// In order of digest, above `after` (none: from the first).
Result<std::vector<ports::DatasetRecord>> read_datasets(Connection& connection, const std::optional<Digest>& after,
                                                        std::size_t limit);
Result<bool> remove_dataset(Connection& connection, const Digest& digest);  // false: it was not there

}  // namespace slipway::sql_records
