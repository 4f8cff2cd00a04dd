// Writes the changes and events of one transaction.
#pragma once

#include "adapter/store_sqlite/connection.h"
#include "ports/metadata_store.h"

namespace slipway::store_sqlite {

// Conflict if the record's revision is not the expected one. Requires: a write transaction is open.
Result<void> apply(Connection& connection, const ports::Change& change);
Result<void> append(Connection& connection, const model::Event& event);

}  // namespace slipway::store_sqlite
