// SqliteStore: the registry's records in one SQLite file. docs/formats/database.md describes it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/store_sqlite/connection.h"
#include "adapter/store_sqlite/group_commit.h"
#include "adapter/store_sqlite/schema.h"
#include "base/guarded.h"
#include "ports/metadata_store.h"

namespace slipway::store_sqlite {

// Owned by the application; needs the data directory's lock around it. Any thread: one connection writes, one reads,
// one searches, so that a long search holds up no other reader; those who commit at the same time share a transaction.
// After a failed write or fsync it refuses every further commit (Unavailable) until the process is started again.
class SqliteStore final : public ports::MetadataStore {
 public:
  // Creates the file if there is none, checks it (quick_check), migrates it. Corrupt: damaged. InvalidInput: of a newer
  // program, or of another. Conflict: its schema would have to change, and may not.
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& path,
                                                   SchemaChange change = SchemaChange::Allowed);

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

  // Callers of commit() whose transaction has not begun.
  std::size_t waiting() const { return writer_.waiting(); }

 private:
  SqliteStore(Connection writer, Connection reader, Connection searcher)
      : writer_(std::move(writer)), reader_(std::move(reader)), searcher_(std::move(searcher)) {}
  template <class Read>
  auto reading(Read read) -> decltype(read(std::declval<Connection&>()));

  GroupCommit writer_;
  Guarded<Connection> reader_;
  Guarded<Connection> searcher_;
};

}  // namespace slipway::store_sqlite
