// Reads records from the database. What does not fit their rules is Corrupt, with table, column and value.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "adapter/sql_records/connection.h"
#include "ports/metadata_store.h"

namespace slipway::sql_records {

// All of these: requires that one transaction is open around the call, so that the rows belong together.
Result<std::vector<ports::Stored<ports::ModelRecord>>> read_models(Connection& connection, std::string_view after,
                                                                   std::size_t limit);
Result<std::vector<ports::ModelSummary>> read_summaries(Connection& connection, std::string_view after,
                                                        std::size_t limit);
// Of the one model, which exists.
Result<ports::ModelSummary> read_summary(Connection& connection, const model::ModelName& name);
Result<std::optional<ports::Stored<ports::ModelRecord>>> read_model(Connection& connection,
                                                                    const model::ModelName& name);
// All of one model, or the one numbered.
Result<std::vector<ports::Stored<model::ModelVersion>>> read_versions(Connection& connection,
                                                                      const model::ModelName& name,
                                                                      std::optional<model::VersionNumber> number);
// Without files and manifest.
Result<std::optional<model::ModelVersion>> read_version_row(Connection& connection, const model::ModelName& name,
                                                            model::VersionNumber number);
Result<std::vector<ports::Stored<ports::AliasRecord>>> read_aliases(Connection& connection,
                                                                    const model::ModelName& name);
// Empty environment, no model: all.
Result<std::vector<ports::Stored<model::DesiredServing>>> read_desired(Connection& connection,
                                                                       std::string_view environment,
                                                                       const model::ModelName* name);
Result<std::vector<ports::Stored<model::ServingEntry>>> read_entries(Connection& connection,
                                                                     std::string_view environment,
                                                                     const model::ModelName& name, std::uint64_t before,
                                                                     std::size_t limit);
Result<std::vector<ports::Stored<ports::TokenRecord>>> read_tokens(Connection& connection);
Result<std::vector<model::Event>> read_history(Connection& connection, std::string_view model, std::uint64_t before,
                                               std::size_t limit);
Result<std::vector<model::Event>> read_trail(Connection& connection, std::uint64_t after, std::size_t limit);
Result<std::vector<model::AuditHead>> read_heads(Connection& connection, std::uint64_t after, std::size_t limit);
// Corrupt unless the column holds exactly as many bytes as `into`.
Result<void> take_bytes(ByteSpan found, std::span<std::uint8_t> into, std::string_view column);

}  // namespace slipway::sql_records
