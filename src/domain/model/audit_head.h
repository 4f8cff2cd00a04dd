// AuditHead: a signed statement of how far the history went, and what it was.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/digest.h"
#include "base/ed25519.h"

namespace slipway::model {

// A value. Who has one can show later that the history was cut or rewritten up to `sequence`.
struct AuditHead {
  std::uint64_t sequence = 0;  // of the newest event it covers
  Digest hash;                 // that event's
  WallTime at{};               // when it was signed
  Ed25519PublicKey key;
  Ed25519Signature signature;  // over statement_of()
  bool operator==(const AuditHead&) const = default;
};

// The text that is signed: four lines, as docs/formats/audit.md shows.
std::string statement_of(const AuditHead& head);
bool is_genuine(const AuditHead& head);  // signed by its own key

}  // namespace slipway::model
