// AuditSigner: writes refused attempts into the history, and signs how far it went.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/ed25519.h"
#include "base/log.h"
#include "domain/model/audit_head.h"
#include "ports/metadata_store.h"
#include "service/registry/refusals.h"

namespace slipway::registry {

// Owned by the application, which calls tick() about once a second and seal() at the end; one thread at a time. Blocks.
// What fails is logged and done again at the next tick.
class AuditSigner {
 public:
  static constexpr Duration kLongestUnsigned = std::chrono::seconds(60);
  static constexpr std::uint64_t kMostUnsigned = 1000;  // events

  struct Parts {
    ports::MetadataStore& metadata;
    Refusals& refusals;
    const Clock& clock;
    Log& log;
    const Ed25519PrivateKey& key;
    std::function<Result<void>(const model::AuditHead& head)> publish;  // keeps it outside the store
    std::function<bool()> may_sign = {};                                // asked when a head is due; none: always
  };
  explicit AuditSigner(Parts parts);

  void tick();
  void seal();  // signs whatever is not signed yet

 private:
  Result<void> write_refusals();
  Result<void> sign_if(std::uint64_t unsigned_events, Duration unsigned_time);
  Result<void> keep_published();

  Parts parts_;
  std::optional<std::uint64_t> signed_;  // none: not known yet
  TimePoint signed_at_;
  std::optional<model::AuditHead> published_;  // outside, and not in the store yet
};

}  // namespace slipway::registry
