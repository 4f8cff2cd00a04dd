#include "adapter/store_sqlite/sqlite_tracking.h"

#include "adapter/sql_records/tracking_rows.h"
#include "adapter/store_sqlite/tracking_schema.h"

namespace slipway::store_sqlite {
Result<std::unique_ptr<SqliteTracking>> SqliteTracking::open(const std::string& path, SchemaChange change) {
  auto writer = open_writer(path, tracking_migrations(), change);
  if (!writer) return std::move(writer).error().within(path);
  Connection reader = TRY(Connection::open(path, Connection::Use::Read));
  return std::unique_ptr<SqliteTracking>(new SqliteTracking(std::move(writer).value(), std::move(reader)));
}

Result<void> SqliteTracking::commit(const std::vector<ports::TrackingChange>& changes) {
  auto writer = writer_.lock();
  if (writer->io_failed()) {
    return unavailable(
        "the tracking database takes no more changes: an earlier read, write or fsync failed; check the disk, then "
        "start the server again");
  }
  auto transaction = TRY(Transaction::begin(*writer, Transaction::Kind::Write));
  for (const ports::TrackingChange& change : changes) TRY(sql_records::apply(*writer, change));
  return transaction.commit();
}

template <class Read>
auto SqliteTracking::reading(Read read) -> decltype(read(std::declval<Connection&>())) {
  auto reader = reader_.lock();
  auto transaction = TRY(Transaction::begin(*reader, Transaction::Kind::Read));
  return read(*reader);
}

Result<std::optional<ports::StoredEntry>> SqliteTracking::entry(const training::EntryKey& key) {
  return reading([&](Connection& connection) { return read_entry(connection, key); });
}

Result<std::optional<ports::StoredEntry>> SqliteTracking::experiment_named(std::string_view name) {
  return reading([&](Connection& connection) -> Result<std::optional<ports::StoredEntry>> {
    const auto id = TRY(id_of_experiment(connection, name));
    if (!id) return std::optional<ports::StoredEntry>();
    return read_entry(connection, {training::Kind::Experiment, *id});
  });
}

Result<std::vector<ports::StoredEntry>> SqliteTracking::entries(training::Kind kind, std::string_view experiment,
                                                                std::uint64_t after, std::size_t limit) {
  return reading([&](Connection& connection) { return read_entries(connection, kind, experiment, after, limit); });
}

Result<std::vector<training::Metric>> SqliteTracking::history(const training::EntryKey& of, std::string_view metric,
                                                              std::size_t skip, std::size_t limit) {
  return reading([&](Connection& connection) { return read_metric_history(connection, of, metric, skip, limit); });
}

Result<std::optional<training::File>> SqliteTracking::file(const training::EntryKey& of, std::string_view path) {
  return reading([&](Connection& connection) { return read_file(connection, of, path); });
}

Result<std::vector<training::File>> SqliteTracking::files(const training::EntryKey& of, std::string_view prefix,
                                                          std::string_view after, std::size_t limit) {
  return reading([&](Connection& connection) { return read_files(connection, of, prefix, after, limit); });
}

Result<std::vector<Digest>> SqliteTracking::digests() {
  return reading([](Connection& connection) { return read_digests(connection); });
}

}  // namespace slipway::store_sqlite
