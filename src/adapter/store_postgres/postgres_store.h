// PostgresStore: the registry's records in a PostgreSQL database. docs/formats/postgres-database.md describes it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/store_postgres/peers.h"
#include "adapter/store_postgres/reader_pool.h"
#include "adapter/store_postgres/writer.h"
#include "ports/metadata_store.h"

namespace slipway::store_postgres {

// Owned by the application; any thread. Other servers may use the same database at the same time. Outlives the
// database's end: what it was asked meanwhile waits as long as Settings::patience says and fails with Unavailable then.
class PostgresStore final : public ports::MetadataStore {
 public:
  // Connects and migrates. Unavailable: cannot be reached. InvalidInput: no such URL, or the database of a newer
  // program. Denied: the role may not.
  static Result<std::unique_ptr<PostgresStore>> open(const Settings& settings);

  Result<void> commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events) override;
  Result<std::vector<ports::Stored<ports::ModelRecord>>> models(std::string_view after, std::size_t limit) override;
  Result<std::vector<ports::ModelSummary>> summaries(std::string_view after, std::size_t limit) override;
  Result<std::optional<ports::Stored<ports::ModelRecord>>> model(const model::ModelName& name) override;
  Result<std::vector<ports::Stored<model::ModelVersion>>> versions(const model::ModelName& name) override;
  Result<std::optional<ports::Stored<model::ModelVersion>>> version(const model::ModelName& name,
                                                                    model::VersionNumber number) override;
  Result<std::vector<ports::Stored<ports::AliasRecord>>> aliases(const model::ModelName& name) override;
  Result<std::vector<ports::Stored<model::VersionNotes>>> notes(const model::ModelName& name,
                                                                std::optional<model::VersionNumber> version) override;
  Result<std::vector<ports::Stored<ports::EvidenceRecord>>> evidence(const model::ModelName& name,
                                                                     model::VersionNumber version, std::uint64_t before,
                                                                     std::size_t limit) override;
  Result<std::vector<ports::Stored<ports::SignatureRecord>>> signatures(const model::ModelName& name,
                                                                        model::VersionNumber version) override;
  Result<std::vector<ports::Stored<ports::ApprovalRecord>>> approvals(const model::ModelName& name,
                                                                      model::VersionNumber version) override;
  Result<std::vector<ports::Stored<model::DesiredServing>>> desired(std::string_view environment) override;
  Result<std::vector<ports::Stored<model::DesiredServing>>> desired_of(const model::ModelName& name) override;
  Result<std::vector<ports::Stored<model::ServingEntry>>> entries(std::string_view environment,
                                                                  const model::ModelName& name, std::uint64_t before,
                                                                  std::size_t limit) override;
  Result<std::vector<ports::Stored<ports::TokenRecord>>> tokens() override;
  Result<ports::FoundPage<ports::FoundVersion>> search_versions(const search::Query& query) override;
  Result<ports::FoundPage<ports::ModelSummary>> search_models(const search::Query& query) override;
  Result<std::vector<model::ModelVersion>> without_facts(std::size_t limit) override;
  Result<std::vector<model::Event>> history(std::string_view model, std::uint64_t before, std::size_t limit) override;
  Result<std::vector<model::Event>> trail(std::uint64_t after, std::size_t limit) override;
  Result<std::vector<model::AuditHead>> heads(std::uint64_t after, std::size_t limit) override;
  Result<std::optional<ports::Stored<ports::IdempotencyRecord>>> idempotency(const Digest& key) override;

  // What the servers on this database tell each other.
  Peers& peers() { return peers_; }
  // Callers of commit() whose transaction has not begun.
  std::size_t waiting() const { return writer_.waiting(); }

 private:
  PostgresStore(Target target, std::string name);

  Connector connector_;
  ReaderPool readers_;
  Writer writer_;
  Peers peers_;
};

}  // namespace slipway::store_postgres
