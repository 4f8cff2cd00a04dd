// MemoryStore: registry records in memory, with the promises of ports/metadata_store.h but durability.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "ports/metadata_store.h"

namespace slipway::store_memory {

// For tests and trials: everything is gone with the process. Owned by whoever tests; any thread. Fails only by
// Conflict.
class MemoryStore : public ports::MetadataStore {
 public:
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

  template <class Key, class T>
  using Table = std::map<Key, ports::Stored<T>>;
  using Pair = std::pair<std::string, std::string>;
  using Numbered = std::pair<std::string, model::VersionNumber>;  // model, version
  struct Tables {
    Table<std::string, ports::ModelRecord> models;
    Table<Numbered, model::ModelVersion> versions;
    Table<Pair, ports::AliasRecord> aliases;     // model, alias
    Table<Pair, model::DesiredServing> desired;  // environment, model
    std::map<Pair, std::uint64_t> desired_last;  // the revision of each that was ever desired
    Table<std::pair<Pair, std::uint64_t>, model::ServingEntry> entries;
    Table<std::string, ports::TokenRecord> tokens;
    Table<Numbered, model::VersionNotes> notes;
    Table<std::pair<Numbered, std::uint64_t>, ports::EvidenceRecord> evidence;
    Table<std::string, ports::ApprovalRecord> approvals;
    Table<std::tuple<std::string, model::VersionNumber, Digest>, ports::SignatureRecord> signatures;
    Table<std::uint64_t, model::AuditHead> heads;
    Table<Digest, ports::IdempotencyRecord> idempotency;
    std::deque<Digest> idempotency_order;  // in which they were created
    Table<Numbered, ports::VersionFacts> facts;
    std::vector<model::Event> events;
  };

 private:
  Guarded<Tables> tables_;
};

}  // namespace slipway::store_memory
