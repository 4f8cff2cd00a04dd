// TrailCheck: is this history whole and as it was signed?
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/result.h"
#include "domain/model/audit_head.h"
#include "domain/model/event.h"

namespace slipway::governance {

struct TrailReport {
  std::uint64_t events = 0;
  std::uint64_t heads = 0;         // different statements
  std::uint64_t signed_up_to = 0;  // events above it are chained, but not signed yet
  Digest last;                     // the hash of the newest event
};

// Takes a history event by event, after the heads that vouch for it. One thread; a value. Every failure is Corrupt and
// names the first event that is not as it was: for an event that a head contradicts, the first one after the head
// before it.
class TrailCheck {
 public:
  // `trusted`: the keys whose heads count; a head of another one is Corrupt. Empty: each head is believed by its own
  // key, which shows an accident but no forger.
  explicit TrailCheck(std::set<Ed25519PublicKey> trusted) : trusted_(std::move(trusted)) {}

  // Requires: before the first event. The same head may come twice, from the store and from a file.
  Result<void> expect(const model::AuditHead& head);
  Result<void> take(const model::Event& event);
  Result<TrailReport> finish() const;

 private:
  std::set<Ed25519PublicKey> trusted_;
  std::map<std::uint64_t, std::vector<model::AuditHead>> heads_;
  std::uint64_t count_ = 0;
  std::uint64_t heads_taken_ = 0;
  std::uint64_t signed_up_to_ = 0;
  Digest last_;
};

}  // namespace slipway::governance
