// The requests that were applied, to and from their table.
#pragma once

#include <optional>

#include "adapter/sql_records/connection.h"
#include "ports/registry_records.h"

namespace slipway::sql_records {

// As apply() of change_writer.h; one that is created takes the old ones away.
Result<void> write(Connection& connection, const ports::Change& change, const ports::IdempotencyRecord& record);
// Requires: a transaction is open.
Result<std::optional<ports::Stored<ports::IdempotencyRecord>>> read_idempotency(Connection& connection,
                                                                                const Digest& key);

}  // namespace slipway::sql_records
