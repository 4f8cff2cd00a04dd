// ArtifactStore: content by SHA-256. Adapters: store_memory (its artifact half), artifacts_filesystem.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"

namespace slipway::ports {

// An upload in progress; dropping it without finish() leaves nothing behind. One thread.
class ArtifactWriter {
 public:
  virtual ~ArtifactWriter() = default;
  virtual Result<void> write(ByteSpan bytes) = 0;
  // Durable on return, under its digest. Content that was there already is replaced by these same bytes, which heals a
  // damaged copy.
  virtual Result<Digest> finish() = 0;
};

// Any thread; every method blocks. Failures: NotFound, Unavailable (out of reach), Corrupt (bytes do not match the
// digest), Overloaded (no space left; answered as 507).
class ArtifactStore {
 public:
  virtual ~ArtifactStore() = default;
  virtual Result<std::unique_ptr<ArtifactWriter>> create() = 0;
  // The bytes, hashed after reading: what is returned is what was verified. `limit` bounds the memory.
  virtual Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) = 0;
  virtual Result<bool> contains(const Digest& digest) = 0;
  virtual Result<void> remove(const Digest& digest) = 0;  // Ok also when absent
  virtual Result<std::vector<Digest>> list() = 0;
};

}  // namespace slipway::ports
