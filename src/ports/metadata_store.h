// MetadataStore: where the registry's records live. Adapters: store_memory, store_sqlite.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "domain/access/permission.h"
#include "domain/model/event.h"
#include "domain/model/serving.h"
#include "domain/model/version.h"

namespace slipway::ports {

struct ModelRecord {
  model::ModelName name;
  WallTime created_at{};
  model::VersionNumber last_version = 0;  // numbers are never given twice, also after a deletion
  bool removed = false;                   // kept for its numbers alone: no version is left, models() leaves it out
  bool operator==(const ModelRecord&) const = default;
};
struct AliasRecord {
  model::ModelName model;
  model::Alias alias;
  model::VersionNumber version;
  bool operator==(const AliasRecord&) const = default;
};
struct TokenRecord {
  std::string id;  // public, in lists and in the history
  std::string name;
  Digest hash;  // SHA-256 of the secret; the secret itself is stored nowhere
  access::Role role;
  WallTime created_at{};
  std::optional<WallTime> expires_at;
  bool operator==(const TokenRecord&) const = default;
};

using Record = std::variant<ModelRecord, model::ModelVersion, AliasRecord, model::DesiredServing, model::ServingEntry,
                            TokenRecord>;

// A record as stored. `revision` is 1 when created and grows by one with each change of this record. DesiredServing
// alone goes on counting when it is created again after an erase, so that a revision of it names one entry for ever.
template <class T>
struct Stored {
  T record;
  std::uint64_t revision;
};

// One change of a transaction, by compare-and-set: `expected` is the revision the writer read; 0: must not exist.
struct Change {
  Record record;  // its key fields say which; for erase the rest is ignored
  std::uint64_t expected = 0;
  bool erase = false;
};

// A model and what belongs to it, as it stood at one moment.
struct ModelSummary {
  ModelRecord record;
  std::vector<model::ModelVersion> versions;  // ascending
  std::vector<AliasRecord> aliases;
  std::vector<Stored<model::DesiredServing>> desired;  // of all environments
};

// Any thread; every method blocks. Failures: Unavailable (the store is out of reach, or a failed write has closed it
// for writing), Overloaded (no space left; answered as 507), Corrupt (its data is damaged).
class MetadataStore {
 public:
  virtual ~MetadataStore() = default;

  // All or nothing, durable on return: the changes, in their order, and the events. Conflict (and nothing changed) if
  // one record's revision is not as expected, or a token's name or hash is taken; the message names it. Events get
  // their sequence here.
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
  // Of one environment, in order of model; all environments when empty.
  virtual Result<std::vector<Stored<model::DesiredServing>>> desired(std::string_view environment) = 0;
  // Of one model, in order of environment.
  virtual Result<std::vector<Stored<model::DesiredServing>>> desired_of(const model::ModelName& name) = 0;
  // Newest first, below `before` (0: from the newest); at most `limit`.
  virtual Result<std::vector<Stored<model::ServingEntry>>> entries(std::string_view environment,
                                                                   const model::ModelName& name, std::uint64_t before,
                                                                   std::size_t limit) = 0;
  virtual Result<std::vector<Stored<TokenRecord>>> tokens() = 0;  // in order of name
  // Newest first, below `before` (0: from the newest), of one model (empty: all); at most `limit`.
  virtual Result<std::vector<model::Event>> history(std::string_view model, std::uint64_t before,
                                                    std::size_t limit) = 0;
};

}  // namespace slipway::ports
