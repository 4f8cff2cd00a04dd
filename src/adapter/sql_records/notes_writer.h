// Writes what is kept about versions beside the versions themselves: notes, evidence, approvals, signatures; and tags.
#pragma once

#include <string>

#include "adapter/sql_records/connection.h"
#include "ports/registry_records.h"

namespace slipway::sql_records {

// What a table knows of a record for compare-and-set.
struct Found {
  std::uint64_t revision = 0;  // 0: it does not exist
  std::uint64_t last = 0;      // the revision it goes on from when created
};
// `lookup` finds (revision, whether it exists); Conflict, with `what` it is, unless that is as the change expects.
Result<Found> check_revision(Statement lookup, const ports::Change& change, const std::string& what);

// Each: Conflict if the record's revision is not the expected one. Requires: a write transaction is open.
Result<void> write(Connection& connection, const ports::Change& change, const model::VersionNotes& record);
Result<void> write(Connection& connection, const ports::Change& change, const ports::EvidenceRecord& record);
Result<void> write(Connection& connection, const ports::Change& change, const ports::ApprovalRecord& record);
Result<void> write(Connection& connection, const ports::Change& change, const ports::SignatureRecord& record);
// Requires: the model's row is there and none of its tags.
Result<void> insert_tags(Connection& connection, const ports::ModelRecord& record);

}  // namespace slipway::sql_records
