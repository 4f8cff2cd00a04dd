// Writes the changes and events of one transaction.
#pragma once

#include "adapter/sql_records/connection.h"
#include "ports/metadata_store.h"

namespace slipway::sql_records {

// Conflict if the record's revision is not the expected one. Requires: a write transaction is open.
Result<void> apply(Connection& connection, const ports::Change& change);
// Gives each its sequence and hash.
Result<void> append(Connection& connection, std::vector<model::Event> events);
// As it is, into a table of the same columns as `event`.
Result<void> insert_event(Connection& connection, std::string_view table, const model::Event& event);

}  // namespace slipway::sql_records
