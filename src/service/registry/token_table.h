// TokenTable: who a secret belongs to, answered from memory for the gate of every request.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "domain/access/scope.h"
#include "ports/metadata_store.h"

namespace slipway::registry {

// Owned by the application, which calls refresh() at start and from Registry's tokens_changed. authenticate(): any
// thread, event loops included; it reads a snapshot and never waits for the store.
class TokenTable {
 public:
  explicit TokenTable(ports::MetadataStore& metadata);

  // Reads the tokens again; blocks. On failure the table stays as it was.
  Result<void> refresh();

  // Denied if `secret` is no token or one that has expired by `now`; the message does not tell which secret was given.
  Result<access::Principal> authenticate(std::string_view secret, WallTime now, bool from_loopback) const;
  std::size_t size() const;

 private:
  struct Holder {
    std::string name;
    access::Role role;
    std::optional<WallTime> expires_at;
    std::shared_ptr<const access::Scope> scope;
  };
  // Looked up by the SHA-256 of the secret: what a comparison's duration tells is of a hash nobody can choose.
  struct Table {
    std::map<Digest, Holder> holders;
  };

  ports::MetadataStore& metadata_;
  Snapshot<Table> table_;
  struct Reading {};
  Guarded<Reading> reading_;  // one at a time
};

// "slw_" and 64 hexadecimal digits of randomness.
std::string make_secret();
Digest hash_of_secret(std::string_view secret);

}  // namespace slipway::registry
