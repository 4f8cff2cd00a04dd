#include "adapter/store_postgres/postgres_tracking.h"

#include "adapter/sql_records/tracking_rows.h"
#include "adapter/store_postgres/peers.h"
#include "adapter/store_postgres/schema.h"

namespace slipway::store_postgres {

PostgresTracking::PostgresTracking(Target target, std::string name)
    : connector_(std::move(target)), readers_(connector_), writer_(connector_, std::move(name), "training") {}

Result<std::unique_ptr<PostgresTracking>> PostgresTracking::open(const Settings& settings) {
  Target target = TRY(read_target(settings));
  std::unique_ptr<PostgresTracking> store(
      new PostgresTracking(std::move(target), random_name()));  // the constructor is private
  const auto session = TRY(store->connector_.open());
  TRY(migrate(*session, store->connector_.target(), training_part()));
  return store;
}

Result<void> PostgresTracking::commit(const std::vector<ports::TrackingChange>& changes) {
  return writer_.write([&](Session& session) -> Result<void> {
    for (const ports::TrackingChange& change : changes) TRY(sql_records::apply(session, change));
    return {};
  });
}

Result<std::optional<ports::StoredEntry>> PostgresTracking::entry(const training::EntryKey& key) {
  return readers_.reading([&](Session& connection) { return sql_records::read_entry(connection, key); });
}

Result<std::optional<ports::StoredEntry>> PostgresTracking::experiment_named(std::string_view name) {
  return readers_.reading([&](Session& connection) -> Result<std::optional<ports::StoredEntry>> {
    const auto id = TRY(sql_records::id_of_experiment(connection, name));
    if (!id) return std::optional<ports::StoredEntry>();
    return sql_records::read_entry(connection, {training::Kind::Experiment, *id});
  });
}

Result<std::vector<ports::StoredEntry>> PostgresTracking::entries(training::Kind kind, std::string_view experiment,
                                                                  std::uint64_t after, std::size_t limit) {
  return readers_.reading(
      [&](Session& connection) { return sql_records::read_entries(connection, kind, experiment, after, limit); });
}

Result<std::vector<training::Metric>> PostgresTracking::history(const training::EntryKey& of, std::string_view metric,
                                                                std::size_t skip, std::size_t limit) {
  return readers_.reading(
      [&](Session& connection) { return sql_records::read_metric_history(connection, of, metric, skip, limit); });
}

Result<std::optional<training::File>> PostgresTracking::file(const training::EntryKey& of, std::string_view path) {
  return readers_.reading([&](Session& connection) { return sql_records::read_file(connection, of, path); });
}

Result<std::vector<training::File>> PostgresTracking::files(const training::EntryKey& of, std::string_view prefix,
                                                            std::string_view after, std::size_t limit) {
  return readers_.reading(
      [&](Session& connection) { return sql_records::read_files(connection, of, prefix, after, limit); });
}

Result<std::vector<Digest>> PostgresTracking::digests() {
  return readers_.reading([](Session& connection) { return sql_records::read_digests(connection); });
}

}  // namespace slipway::store_postgres
