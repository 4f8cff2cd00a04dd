// Approval rules: may this version go into that environment? Pure; the registry asks before anything takes a version.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "domain/access/name_pattern.h"
#include "domain/governance/signature.h"
#include "domain/model/name.h"
#include "domain/model/serving.h"

namespace slipway::governance {

// What an environment asks of who vouches for a version's bytes. Require: a signature, or an override; Enforce: no
// override lifts it, so that whoever could write one into the store gains nothing.
enum class Signing : std::uint8_t { Ignore, Warn, Require, Enforce };

// What one environment asks of the models that match. All that apply must be met, so that a further one never loosens.
struct Policy {
  access::NamePattern models;
  std::string environment;
  std::uint32_t approvals = 1;        // by different principals, none of whom made the version
  bool needs_evidence = false;        // of gates, and it must have passed
  std::optional<Duration> valid_for;  // how long an approval counts; none: as long as it says itself
  Signing signatures = Signing::Ignore;
  std::vector<std::string> signers;   // names of the keys that count; empty: all that are trusted
  std::vector<model::Alias> aliases;  // that stand for this environment: they take a version under the same rules
  bool operator==(const Policy&) const = default;
};
struct Rules {
  std::vector<Policy> policies;
  std::vector<TrustedKey> keys = {};
  bool operator==(const Rules&) const = default;
};

// What gates found of a version last.
struct Evidence {
  Digest digest;
  bool passed = false;
};

// Somebody's word. For exactly these bytes, upon exactly this evidence, in this environment.
struct Approval {
  enum class Kind : std::uint8_t { Approval, Override };  // Override: an admin lets it in whatever the policies ask
  Kind kind = Kind::Approval;
  std::string principal;
  std::string environment;
  Digest version;
  Digest evidence;  // zeros: there was none
  WallTime at{};
  std::optional<WallTime> expires_at;
  bool revoked = false;
};

struct Candidate {
  std::string model;
  model::VersionNumber number = 1;
  Digest digest;
  std::vector<std::string> makers;  // who pushed it, and whom it names as its author: their word does not count
  std::optional<Evidence> evidence;
  std::vector<SignatureFinding> signatures;
};

enum class Entry : std::uint8_t { Free, Approved, Overridden };

// Conflict says which policy asks what, and what there is. Free: no policy applies.
Result<Entry> may_enter(const Rules& rules, std::string_view environment, const Candidate& candidate,
                        std::span<const Approval> approvals, WallTime now);

// The same for a step of a rollout that asks for somebody's word: where no policy asks for an approval, one is
// expected.
Result<Entry> may_advance(const Rules& rules, std::string_view environment, const Candidate& candidate,
                          std::span<const Approval> approvals, WallTime now);

// A policy that applies asks for evidence, and there is none that passed: an approval would be worth nothing.
bool awaits_evidence(const Rules& rules, std::string_view environment, const Candidate& candidate);
// Conflict: a policy of the environment requires a signature that the version has not. An override that once let these
// bytes in is enough for Require, also when it has run out: what is served is served again after a restart.
Result<Entry> may_load(const Rules& rules, std::string_view environment, const Candidate& candidate,
                       std::span<const Approval> approvals);
// What policies that only warn of signatures find missing.
std::vector<std::string> warnings(const Rules& rules, std::string_view environment, const Candidate& candidate);
bool asks_for_signatures(const Rules& rules, std::string_view model, std::string_view environment);

// The environments that `alias` of this model stands for.
std::vector<std::string> environments_of(const Rules& rules, std::string_view model, const model::Alias& alias);

// The versions of `next` that a step from `current` (none: nothing was served) lets in: new ones, and those that get
// more traffic than they had.
std::vector<model::VersionNumber> entering(const std::optional<model::TrafficSplit>& current,
                                           const model::TrafficSplit& next);

}  // namespace slipway::governance
