// Entries of the tracking database: written by changes, read back. Requires a transaction around each call.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/sql_records/connection.h"
#include "ports/tracking_store.h"

namespace slipway::sql_records {

Result<void> apply(Connection& connection, const ports::TrackingChange& change);

Result<std::optional<ports::StoredEntry>> read_entry(Connection& connection, const training::EntryKey& key);
Result<std::optional<std::string>> id_of_experiment(Connection& connection, std::string_view name);
Result<std::vector<ports::StoredEntry>> read_entries(Connection& connection, training::Kind kind,
                                                     std::string_view experiment, std::uint64_t after,
                                                     std::size_t limit);
Result<std::vector<training::Metric>> read_metric_history(Connection& connection, const training::EntryKey& of,
                                                          std::string_view metric, std::size_t skip, std::size_t limit);
Result<std::optional<training::File>> read_file(Connection& connection, const training::EntryKey& of,
                                                std::string_view path);
Result<std::vector<training::File>> read_files(Connection& connection, const training::EntryKey& of,
                                               std::string_view prefix, std::string_view after, std::size_t limit);
Result<std::vector<Digest>> read_digests(Connection& connection);

// The row of an entry; none: it is not there.
Result<std::optional<std::int64_t>> row_of(Connection& connection, const training::EntryKey& key);

}  // namespace slipway::sql_records
