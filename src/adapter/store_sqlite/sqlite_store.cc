#include "adapter/store_sqlite/sqlite_store.h"

#include "adapter/sql_records/idempotency_rows.h"
#include "adapter/sql_records/notes_reader.h"
#include "adapter/sql_records/record_reader.h"
#include "adapter/sql_records/search_reader.h"
#include "adapter/store_sqlite/schema.h"
#include "adapter/store_sqlite/search_connection.h"

namespace slipway::store_sqlite {
Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path, SchemaChange change) {
  auto writer = open_writer(path, migrations(), change);
  if (!writer) return std::move(writer).error().within(path);
  Connection reader = TRY(Connection::open(path, Connection::Use::Read));
  Connection searcher = TRY(Connection::open(path, Connection::Use::Read));
  TRY(prepare_for_search(searcher));
  return std::unique_ptr<SqliteStore>(  // the constructor is private
      new SqliteStore(std::move(writer).value(), std::move(reader), std::move(searcher)));
}

Result<void> SqliteStore::commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events) {
  return writer_.commit(changes, events);
}

namespace {

template <class Read>
auto reading_on(Guarded<Connection>& connection, Read read) -> decltype(read(std::declval<Connection&>())) {
  auto reader = connection.lock();
  auto transaction = TRY(Transaction::begin(*reader, Transaction::Kind::Read));
  return read(*reader);
}

template <class Read>
auto limited_on(Guarded<Connection>& connection, Read read) -> decltype(read(std::declval<Connection&>())) {
  return reading_on(connection, [&](Connection& reader) -> decltype(read(std::declval<Connection&>())) {
    const StepLimit limit(reader);
    auto found = read(reader);
    if (found) return found;
    return limit.instead_of(std::move(found).error());
  });
}

}  // namespace

template <class Read>
auto SqliteStore::reading(Read read) -> decltype(read(std::declval<Connection&>())) {
  return reading_on(reader_, std::move(read));
}

Result<std::vector<ports::Stored<ports::ModelRecord>>> SqliteStore::models(std::string_view after, std::size_t limit) {
  return reading([&](Connection& connection) { return read_models(connection, after, limit); });
}

Result<std::vector<ports::ModelSummary>> SqliteStore::summaries(std::string_view after, std::size_t limit) {
  return reading([&](Connection& connection) { return read_summaries(connection, after, limit); });
}

Result<std::optional<ports::Stored<ports::ModelRecord>>> SqliteStore::model(const model::ModelName& name) {
  return reading([&](Connection& connection) { return read_model(connection, name); });
}

Result<std::vector<ports::Stored<model::ModelVersion>>> SqliteStore::versions(const model::ModelName& name) {
  return reading([&](Connection& connection) { return read_versions(connection, name, std::nullopt); });
}

Result<std::optional<ports::Stored<model::ModelVersion>>> SqliteStore::version(const model::ModelName& name,
                                                                               model::VersionNumber number) {
  auto found = TRY(reading([&](Connection& connection) { return read_versions(connection, name, number); }));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<ports::Stored<ports::AliasRecord>>> SqliteStore::aliases(const model::ModelName& name) {
  return reading([&](Connection& connection) { return read_aliases(connection, name); });
}

Result<std::vector<ports::Stored<model::VersionNotes>>> SqliteStore::notes(
    const model::ModelName& name, std::optional<model::VersionNumber> version) {
  return reading([&](Connection& connection) { return read_notes(connection, name, version); });
}

Result<std::vector<ports::Stored<ports::EvidenceRecord>>> SqliteStore::evidence(const model::ModelName& name,
                                                                                model::VersionNumber version,
                                                                                std::uint64_t before,
                                                                                std::size_t limit) {
  return reading([&](Connection& connection) { return read_evidence(connection, name, version, before, limit); });
}

Result<std::vector<ports::Stored<ports::SignatureRecord>>> SqliteStore::signatures(const model::ModelName& name,
                                                                                   model::VersionNumber version) {
  return reading([&](Connection& connection) { return read_signatures(connection, name, version); });
}

Result<std::vector<ports::Stored<ports::ApprovalRecord>>> SqliteStore::approvals(const model::ModelName& name,
                                                                                 model::VersionNumber version) {
  return reading([&](Connection& connection) { return read_approvals(connection, name, version); });
}

Result<std::vector<ports::Stored<model::DesiredServing>>> SqliteStore::desired(std::string_view environment) {
  return reading([&](Connection& connection) { return read_desired(connection, environment, nullptr); });
}

Result<std::vector<ports::Stored<model::DesiredServing>>> SqliteStore::desired_of(const model::ModelName& name) {
  return reading([&](Connection& connection) { return read_desired(connection, {}, &name); });
}

Result<std::vector<ports::Stored<model::ServingEntry>>> SqliteStore::entries(std::string_view environment,
                                                                             const model::ModelName& name,
                                                                             std::uint64_t before, std::size_t limit) {
  return reading([&](Connection& connection) { return read_entries(connection, environment, name, before, limit); });
}

Result<std::vector<ports::Stored<ports::TokenRecord>>> SqliteStore::tokens() {
  return reading([](Connection& connection) { return read_tokens(connection); });
}

Result<ports::FoundPage<ports::FoundVersion>> SqliteStore::search_versions(const search::Query& query) {
  return limited_on(searcher_, [&](Connection& connection) {
    return sql_records::search_versions(connection, query, sql_records::Dialect::Sqlite);
  });
}

Result<ports::FoundPage<ports::ModelSummary>> SqliteStore::search_models(const search::Query& query) {
  return limited_on(searcher_, [&](Connection& connection) {
    return sql_records::search_models(connection, query, sql_records::Dialect::Sqlite);
  });
}

Result<std::vector<model::ModelVersion>> SqliteStore::without_facts(std::size_t limit) {
  return reading_on(searcher_, [&](Connection& connection) { return read_without_facts(connection, limit); });
}

Result<std::vector<model::Event>> SqliteStore::history(std::string_view model, std::uint64_t before,
                                                       std::size_t limit) {
  return reading([&](Connection& connection) { return read_history(connection, model, before, limit); });
}

Result<std::vector<model::Event>> SqliteStore::trail(std::uint64_t after, std::size_t limit) {
  return reading([&](Connection& connection) { return read_trail(connection, after, limit); });
}

Result<std::vector<model::AuditHead>> SqliteStore::heads(std::uint64_t after, std::size_t limit) {
  return reading([&](Connection& connection) { return read_heads(connection, after, limit); });
}

Result<std::optional<ports::Stored<ports::IdempotencyRecord>>> SqliteStore::idempotency(const Digest& key) {
  return reading([&](Connection& connection) { return read_idempotency(connection, key); });
}

}  // namespace slipway::store_sqlite
