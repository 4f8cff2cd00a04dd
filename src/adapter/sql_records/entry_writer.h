// Writes what versions are searched by: their facts, and their entries in the table that searches walk.
#pragma once

#include <string_view>

#include "adapter/sql_records/connection.h"
#include "ports/registry_records.h"

namespace slipway::sql_records {

// For a database from before there were entries; docs/formats/database.md says what each is.
inline constexpr std::string_view kEnterAllVersions =
    "INSERT INTO version_entry (model, number, stage, created, changed, author, digest, size, memory, latency_us, "
    "format, source, stage_label, run, code_commit, parent, built_by, training_data) "
    "SELECT v.model, v.number, v.stage, v.created_at / 1000, "
    "CASE WHEN n.changed_at > v.created_at THEN n.changed_at / 1000 ELSE v.created_at / 1000 END, "
    "NULLIF(v.created_by, ''), 'sha256:' || v.digest, "
    "(SELECT COALESCE(SUM(x.size), 0) FROM version_file x WHERE x.model = v.model AND x.number = v.number), "
    "v.memory_bytes, (v.cost_fixed_ns + v.cost_per_row_ns) / 1000.0, NULLIF(f.format, ''), NULLIF(n.source, ''), "
    "NULLIF(n.stage_label, ''), COALESCE(NULLIF(n.run_id, ''), NULLIF(f.run_id, '')), NULLIF(f.code_commit, ''), "
    "NULLIF(f.parent, ''), NULLIF(f.built_by, ''), NULLIF(f.training_data, '') "
    "FROM version v LEFT JOIN version_notes n ON n.model = v.model AND n.number = v.number "
    "LEFT JOIN version_facts f ON f.model = v.model AND f.number = v.number";

// All of these: requires that a write transaction is open.
// Conflict: the version has facts.
Result<void> write(Connection& connection, const ports::Change& change, const ports::VersionFacts& record);
// Makes the entry what the version, its notes and its facts are now. No version: there is no entry, and no facts.
Result<void> refresh_entry(Connection& connection, const model::ModelName& name, model::VersionNumber number);
}  // namespace slipway::sql_records
