// What the registry keeps: each kind of record, and one change of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "domain/access/scope.h"
#include "domain/model/annotations.h"
#include "domain/model/audit_head.h"
#include "domain/model/serving.h"
#include "domain/model/verdict.h"
#include "domain/model/version.h"
#include "domain/search/query.h"

namespace slipway::ports {

struct ModelRecord {
  model::ModelName name;
  WallTime created_at{};
  model::VersionNumber last_version = 0;  // numbers are never given twice, also after a deletion
  bool removed = false;                   // kept for its numbers alone: no version is left, models() leaves it out
  model::Annotations annotations;
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
  access::Scope scope = {};
  bool operator==(const TokenRecord&) const = default;
};

// What a gate plan found of one version. Never changed and never erased, also when its version is.
struct EvidenceRecord {
  model::ModelName model;
  model::VersionNumber version;
  std::uint64_t sequence = 1;  // counted from 1 for each version
  Digest plan;                 // of the plan that asked
  model::Verdict verdict = model::Verdict::Inconclusive;
  WallTime created_at{};
  std::string actor;
  std::string body;  // JSON text
  Digest body_digest;
  bool operator==(const EvidenceRecord&) const = default;
};
// Somebody's word that a version may go into an environment: for these bytes and upon this evidence. Outlives its
// version.
struct ApprovalRecord {
  std::string id;
  model::ModelName model;
  model::VersionNumber version;
  Digest version_digest;
  std::string environment;
  Digest evidence;  // EvidenceRecord::body_digest
  std::string principal;
  WallTime at{};
  std::optional<WallTime> expires_at;
  std::string reason;
  bool revoked = false;
  bool overrides = false;  // an admin's word that lets it in whatever the policies ask
  bool operator==(const ApprovalRecord&) const = default;
};

// That a request was applied, written in the transaction that applied it, so that the same request sent again is not
// applied twice. The store bounds them by itself: with each one that is created, those go that are kIdempotencyKept
// older, and the oldest above kMostIdempotencyRecords.
struct IdempotencyRecord {
  Digest key;      // of who asked and the key he sent along
  Digest request;  // of what was asked: another request may not come under the same key
  WallTime at{};
  std::optional<std::uint16_t> status = {};  // of the answer that was given; none: none was, or it was not kept
  std::string body = {};                     // of that answer
  bool operator==(const IdempotencyRecord&) const = default;
};
inline constexpr std::chrono::hours kIdempotencyKept{24};
inline constexpr std::size_t kMostIdempotencyRecords = 100'000;

// What a version's manifest says that lists are searched by. Written once; the store removes it with its version.
struct VersionFacts {
  model::ModelName model;
  model::VersionNumber version;
  std::string format;
  model::Lineage lineage;
  bool operator==(const VersionFacts&) const = default;
};

// A signature's file that somebody attached to a version. Never changed; outlives its version.
struct SignatureRecord {
  model::ModelName model;
  model::VersionNumber version;
  Digest digest;  // of `bundle`; with model and version its key
  std::string bundle;
  std::string attached_by;
  WallTime at{};
  bool operator==(const SignatureRecord&) const = default;
};

using Record = std::variant<ModelRecord, model::ModelVersion, AliasRecord, model::DesiredServing, model::ServingEntry,
                            TokenRecord, model::VersionNotes, EvidenceRecord, ApprovalRecord, model::AuditHead,
                            IdempotencyRecord, VersionFacts, SignatureRecord>;

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
  std::vector<Stored<model::VersionNotes>> notes;      // of the versions that have some, ascending
  std::vector<Stored<model::DesiredServing>> desired;  // of all environments
};

// A version as a search finds it, with what belongs to it.
struct FoundVersion {
  model::ModelVersion version;  // without files and manifest
  std::uint64_t size = 0;       // of its files, in bytes
  std::optional<model::VersionNotes> notes;
  std::optional<VersionFacts> facts;  // none: not written down yet
  std::vector<model::Alias> aliases;
};

// What a search found, in its order, and where the next page goes on; none: that was all.
template <class T>
struct FoundPage {
  std::vector<T> rows;
  std::optional<search::Position> next;
};

}  // namespace slipway::ports
