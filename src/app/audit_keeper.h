// AuditKeeper: keeps the history signed while the server runs, with a key of the server's own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "adapter/data_directory/data_directory.h"
#include "adapter/worker_pool/ticker.h"
#include "app/changes.h"
#include "service/registry/audit_signer.h"

namespace slipway::app {

// Owned by the house. Its thread looks once a second; what it writes passes `changes`.
class AuditKeeper {
 public:
  enum class Key : std::uint8_t { MadeIfMissing, MustBeThere };
  struct Parts {
    data_directory::DataDirectory& data;
    ports::MetadataStore& metadata;
    registry::Refusals& refusals;
    const Clock& clock;
    Log& log;
    Changes& changes;
    Key key = Key::MadeIfMissing;
    std::function<bool()> may_sign = {};  // one of several servers at a time; none: always
  };
  // DATA/audit.key and DATA/audit.pub. InvalidInput: the key is none. Conflict: it must be there and is not.
  static Result<std::unique_ptr<AuditKeeper>> open(const Parts& parts);

  void start();
  void begin() { may_write_ = true; }  // the data directory is this process's alone
  void stop();
  void seal();  // after stop(): signs what is not signed yet

 private:
  AuditKeeper(const Parts& parts, Ed25519PrivateKey key);
  Result<void> publish(const model::AuditHead& head);

  Parts parts_;
  const Ed25519PrivateKey key_;
  std::atomic<bool> may_write_ = false;
  registry::AuditSigner signer_;
  worker_pool::Ticker ticker_;
};

}  // namespace slipway::app
