// VersionGuard: may this version be loaded here? Asked before each load. Adapter: the registry's LoadGuard.
#pragma once

#include "base/result.h"
#include "domain/model/version.h"

namespace slipway::ports {

// Any thread; blocks. What it vouches for are the digests of the version's files: whoever loads them holds the bytes
// that are read against these.
class VersionGuard {
 public:
  virtual ~VersionGuard() = default;
  // Conflict: a policy forbids it, until somebody changes that. Corrupt: the record is not what its files say.
  virtual Result<void> may_load(const model::ModelVersion& version) = 0;
};

}  // namespace slipway::ports
