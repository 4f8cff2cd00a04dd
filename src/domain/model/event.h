// Event: one line of the registry's append-only history.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/digest.h"

namespace slipway::model {

// Who changed what, when, from what, to what, and why. `sequence` is given by the store, from 1, without gaps.
struct Event {
  std::uint64_t sequence = 0;
  WallTime at{};
  std::string actor;    // the principal's name
  std::string action;   // "push", "validate", "reject", "alias", "deploy", "rollback", "undeploy", "retire", "delete",
                        // "token", ...; "refuse": an attempt that was not allowed
  std::string model;    // empty for changes that concern none
  std::string subject;  // what moved: "production", "version 3", "alias champion"
  std::string from;     // as text; empty: it did not exist
  std::string to;       // as text; empty: it is gone
  std::string reason;
  Digest hash;  // chained() with the event before; given by the store
  bool operator==(const Event&) const = default;
};

// The link of the chain: SHA-256 over everything in `event` but its hash, and over the hash of the event before it (32
// zero bytes for the first). docs/formats/audit.md describes the encoding; every store computes it here.
Digest chained(const Event& event, const Digest& previous);

}  // namespace slipway::model
