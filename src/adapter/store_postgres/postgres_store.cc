#include "adapter/store_postgres/postgres_store.h"

#include <algorithm>
#include <variant>

#include "adapter/sql_records/change_writer.h"
#include "adapter/sql_records/idempotency_rows.h"
#include "adapter/sql_records/notes_reader.h"
#include "adapter/sql_records/record_reader.h"
#include "adapter/sql_records/search_reader.h"
#include "adapter/store_postgres/schema.h"

namespace slipway::store_postgres {
namespace {

template <class Kind>
bool changes_a(const std::vector<ports::Change>& changes) {
  return std::ranges::any_of(changes,
                             [](const ports::Change& change) { return std::holds_alternative<Kind>(change.record); });
}

bool creates_version(const std::vector<ports::Change>& changes) {
  return std::ranges::any_of(changes, [](const ports::Change& change) {
    return change.expected == 0 && std::holds_alternative<model::ModelVersion>(change.record);
  });
}

// What the other servers look at (Peers).
Result<void> mark(Session& session, std::string_view what) {
  auto counted = TRY(session.prepare("UPDATE change_mark SET number = number + 1 WHERE what = ?"));
  return counted.bind(what).run();
}

}  // namespace

PostgresStore::PostgresStore(Target target, std::string name)
    : connector_(std::move(target)),
      readers_(connector_),
      writer_(connector_, name, "registry"),
      peers_(readers_, writer_, name) {}

Result<std::unique_ptr<PostgresStore>> PostgresStore::open(const Settings& settings) {
  Target target = TRY(read_target(settings));
  std::unique_ptr<PostgresStore> store(
      new PostgresStore(std::move(target), random_name()));  // the constructor is private
  const auto session = TRY(store->connector_.open());
  TRY(migrate(*session, store->connector_.target(), registry_part()));
  return store;
}

Result<void> PostgresStore::commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events) {
  return writer_.write([&](Session& session) -> Result<void> {
    if (creates_version(changes)) TRY(peers_.expect_held(session));
    for (const ports::Change& change : changes) TRY(sql_records::apply(session, change));
    if (changes_a<model::DesiredServing>(changes)) TRY(mark(session, "desired"));
    if (changes_a<ports::TokenRecord>(changes)) TRY(mark(session, "tokens"));
    return sql_records::append(session, events);
  });
}

Result<std::vector<ports::Stored<ports::ModelRecord>>> PostgresStore::models(std::string_view after,
                                                                             std::size_t limit) {
  return readers_.reading([&](Session& connection) { return sql_records::read_models(connection, after, limit); });
}

Result<std::vector<ports::ModelSummary>> PostgresStore::summaries(std::string_view after, std::size_t limit) {
  return readers_.reading([&](Session& connection) { return sql_records::read_summaries(connection, after, limit); });
}

Result<std::optional<ports::Stored<ports::ModelRecord>>> PostgresStore::model(const model::ModelName& name) {
  return readers_.reading([&](Session& connection) { return sql_records::read_model(connection, name); });
}

Result<std::vector<ports::Stored<model::ModelVersion>>> PostgresStore::versions(const model::ModelName& name) {
  return readers_.reading(
      [&](Session& connection) { return sql_records::read_versions(connection, name, std::nullopt); });
}

Result<std::optional<ports::Stored<model::ModelVersion>>> PostgresStore::version(const model::ModelName& name,
                                                                                 model::VersionNumber number) {
  auto found =
      TRY(readers_.reading([&](Session& connection) { return sql_records::read_versions(connection, name, number); }));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<ports::Stored<ports::AliasRecord>>> PostgresStore::aliases(const model::ModelName& name) {
  return readers_.reading([&](Session& connection) { return sql_records::read_aliases(connection, name); });
}

Result<std::vector<ports::Stored<model::VersionNotes>>> PostgresStore::notes(
    const model::ModelName& name, std::optional<model::VersionNumber> version) {
  return readers_.reading([&](Session& connection) { return sql_records::read_notes(connection, name, version); });
}

Result<std::vector<ports::Stored<ports::EvidenceRecord>>> PostgresStore::evidence(const model::ModelName& name,
                                                                                  model::VersionNumber version,
                                                                                  std::uint64_t before,
                                                                                  std::size_t limit) {
  return readers_.reading(
      [&](Session& connection) { return sql_records::read_evidence(connection, name, version, before, limit); });
}

Result<std::vector<ports::Stored<ports::SignatureRecord>>> PostgresStore::signatures(const model::ModelName& name,
                                                                                     model::VersionNumber version) {
  return readers_.reading([&](Session& connection) { return sql_records::read_signatures(connection, name, version); });
}

Result<std::vector<ports::Stored<ports::ApprovalRecord>>> PostgresStore::approvals(const model::ModelName& name,
                                                                                   model::VersionNumber version) {
  return readers_.reading([&](Session& connection) { return sql_records::read_approvals(connection, name, version); });
}

Result<std::vector<ports::Stored<model::DesiredServing>>> PostgresStore::desired(std::string_view environment) {
  return readers_.reading(
      [&](Session& connection) { return sql_records::read_desired(connection, environment, nullptr); });
}

Result<std::vector<ports::Stored<model::DesiredServing>>> PostgresStore::desired_of(const model::ModelName& name) {
  return readers_.reading([&](Session& connection) { return sql_records::read_desired(connection, {}, &name); });
}

Result<std::vector<ports::Stored<model::ServingEntry>>> PostgresStore::entries(std::string_view environment,
                                                                               const model::ModelName& name,
                                                                               std::uint64_t before,
                                                                               std::size_t limit) {
  return readers_.reading(
      [&](Session& connection) { return sql_records::read_entries(connection, environment, name, before, limit); });
}

Result<std::vector<ports::Stored<ports::TokenRecord>>> PostgresStore::tokens() {
  return readers_.reading([](Session& connection) { return sql_records::read_tokens(connection); });
}

Result<ports::FoundPage<ports::FoundVersion>> PostgresStore::search_versions(const search::Query& query) {
  return readers_.reading([&](Session& connection) {
    return sql_records::search_versions(connection, query, sql_records::Dialect::Postgres);
  });
}

Result<ports::FoundPage<ports::ModelSummary>> PostgresStore::search_models(const search::Query& query) {
  return readers_.reading([&](Session& connection) {
    return sql_records::search_models(connection, query, sql_records::Dialect::Postgres);
  });
}

Result<std::vector<model::ModelVersion>> PostgresStore::without_facts(std::size_t limit) {
  return readers_.reading([&](Session& connection) { return sql_records::read_without_facts(connection, limit); });
}

Result<std::vector<model::Event>> PostgresStore::history(std::string_view model, std::uint64_t before,
                                                         std::size_t limit) {
  return readers_.reading(
      [&](Session& connection) { return sql_records::read_history(connection, model, before, limit); });
}

Result<std::vector<model::Event>> PostgresStore::trail(std::uint64_t after, std::size_t limit) {
  return readers_.reading([&](Session& connection) { return sql_records::read_trail(connection, after, limit); });
}

Result<std::vector<model::AuditHead>> PostgresStore::heads(std::uint64_t after, std::size_t limit) {
  return readers_.reading([&](Session& connection) { return sql_records::read_heads(connection, after, limit); });
}

Result<std::optional<ports::Stored<ports::IdempotencyRecord>>> PostgresStore::idempotency(const Digest& key) {
  return readers_.reading([&](Session& connection) { return sql_records::read_idempotency(connection, key); });
}

}  // namespace slipway::store_postgres
