// MetadataStore: where the registry's records live. Adapters: store_memory, store_sqlite, store_postgres.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/model/audit_head.h"
#include "domain/model/event.h"
#include "ports/registry_records.h"

namespace slipway::ports {

// Any thread; every method blocks. Failures: Unavailable (the store is out of reach, or a failed write has closed it
// for writing), Overloaded (no space left; answered as 507), Corrupt (its data is damaged).
class MetadataStore {
 public:
  virtual ~MetadataStore() = default;

  // All or nothing, durable on return: the changes, in their order, and the events. Conflict (and nothing changed) if
  // one record's revision is not as expected, a token's name or hash is taken, or evidence would change; the message
  // names it. Events get their sequence and their hash here.
  virtual Result<void> commit(const std::vector<Change>& changes, const std::vector<model::Event>& events) = 0;

  // Ordered by name; `after` excludes names up to and including it; at most `limit`.
  virtual Result<std::vector<Stored<ModelRecord>>> models(std::string_view after, std::size_t limit) = 0;
  // The same models with all that belongs to them, their versions without files and manifest, in a number of queries
  // that does not depend on how many there are.
  virtual Result<std::vector<ModelSummary>> summaries(std::string_view after, std::size_t limit) = 0;
  virtual Result<std::optional<Stored<ModelRecord>>> model(const model::ModelName& name) = 0;
  // Of one model, in order of number.
  virtual Result<std::vector<Stored<model::ModelVersion>>> versions(const model::ModelName& name) = 0;
  virtual Result<std::optional<Stored<model::ModelVersion>>> version(const model::ModelName& name,
                                                                     model::VersionNumber number) = 0;
  virtual Result<std::vector<Stored<AliasRecord>>> aliases(const model::ModelName& name) = 0;
  // Of one model in order of version, or of the one version; a version nobody wrote about has none.
  virtual Result<std::vector<Stored<model::VersionNotes>>> notes(const model::ModelName& name,
                                                                 std::optional<model::VersionNumber> version) = 0;
  // Of one version, newest first, below the sequence `before` (0: from the newest); at most `limit`.
  virtual Result<std::vector<Stored<EvidenceRecord>>> evidence(const model::ModelName& name,
                                                               model::VersionNumber version, std::uint64_t before,
                                                               std::size_t limit) = 0;
  // Of one version, in order of time, then id; also those that expired or were revoked.
  virtual Result<std::vector<Stored<ApprovalRecord>>> approvals(const model::ModelName& name,
                                                                model::VersionNumber version) = 0;
  // Of one version, in order of time, then digest.
  virtual Result<std::vector<Stored<SignatureRecord>>> signatures(const model::ModelName& name,
                                                                  model::VersionNumber version) = 0;
  // Of one environment, in order of model; all environments when empty.
  virtual Result<std::vector<Stored<model::DesiredServing>>> desired(std::string_view environment) = 0;
  // Of one model, in order of environment.
  virtual Result<std::vector<Stored<model::DesiredServing>>> desired_of(const model::ModelName& name) = 0;
  // Newest first, below `before` (0: from the newest); at most `limit`.
  virtual Result<std::vector<Stored<model::ServingEntry>>> entries(std::string_view environment,
                                                                   const model::ModelName& name, std::uint64_t before,
                                                                   std::size_t limit) = 0;
  virtual Result<std::vector<Stored<TokenRecord>>> tokens() = 0;  // in order of name

  // The versions of all models that a query allows, in its order: what domain/search says of rows with the fields of
  // domain/search/registry_fields.h. A page holds at most the query's limit. Overloaded: the store would have to look
  // at too much for it.
  virtual Result<FoundPage<FoundVersion>> search_versions(const search::Query& query) = 0;
  virtual Result<FoundPage<ModelSummary>> search_models(const search::Query& query) = 0;
  // The versions whose facts are not written down, in order of model and number; at most `limit`.
  virtual Result<std::vector<model::ModelVersion>> without_facts(std::size_t limit) = 0;

  // Newest first, below `before` (0: from the newest), of one model (empty: all); at most `limit`.
  virtual Result<std::vector<model::Event>> history(std::string_view model, std::uint64_t before,
                                                    std::size_t limit) = 0;
  // Oldest first, above `after`; at most `limit`.
  virtual Result<std::vector<model::Event>> trail(std::uint64_t after, std::size_t limit) = 0;
  // The signed heads in order of sequence, above `after`; at most `limit`.
  virtual Result<std::vector<model::AuditHead>> heads(std::uint64_t after, std::size_t limit) = 0;
  virtual Result<std::optional<Stored<IdempotencyRecord>>> idempotency(const Digest& key) = 0;
};

}  // namespace slipway::ports
