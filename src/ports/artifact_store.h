// ArtifactStore: content by SHA-256. Adapters: store_memory (its artifact half), artifacts_filesystem,
// artifacts_s3.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "ports/content.h"

namespace slipway::ports {

// An upload in progress; dropping it without finish() leaves nothing behind. One thread.
class ArtifactWriter {
 public:
  virtual ~ArtifactWriter() = default;
  virtual Result<void> write(ByteSpan bytes) = 0;
  // Durable on return, under its digest; in a batch, with its commit(). Content that was there already is replaced by
  // these same bytes, which heals a damaged copy.
  virtual Result<Digest> finish() = 0;
};

// Where the files of a package are put, and read again, while it is taken in.
class ArtifactShelf {
 public:
  virtual ~ArtifactShelf() = default;
  virtual Result<std::unique_ptr<ArtifactWriter>> create() = 0;
  // The bytes, hashed after reading: what is returned is what was verified. `limit` bounds the memory.
  virtual Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) = 0;
};

// Artifacts that become durable together, which costs about as much as one. What its writers finish() can be read
// through it at once; it is in the store, and durable, when commit() returned well. Before that nothing of it is there;
// when it fails, some of it may be. One thread; its writers must not outlive
// it.
class ArtifactBatch : public ArtifactShelf {
 public:
  virtual Result<void> commit() = 0;  // once
};

using TakePiece = std::function<Result<void>(ByteSpan piece)>;

// Any thread; every method blocks. Failures: NotFound, Unavailable (out of reach), Corrupt (bytes do not match the
// digest), Overloaded (no space left; answered as 507).
class ArtifactStore : public ArtifactShelf {
 public:
  // As read(), given on in pieces, for who would only copy them: what was taken before a failure is to be forgotten.
  // A failure of `take` ends it.
  virtual Result<void> pour(const Digest& digest, Bytes limit, const TakePiece& take) = 0;
  // The same bytes, for who needs only a piece of them at a time: hashed on the way, and good though the artifact is
  // removed meanwhile, or Unavailable from then on.
  virtual Result<std::unique_ptr<Content>> content(const Digest& digest) = 0;
  virtual Result<std::unique_ptr<ArtifactBatch>> begin_batch() = 0;
  virtual Result<bool> contains(const Digest& digest) = 0;
  // Ok also when absent. A store that several servers share may keep what was stored a short while ago.
  virtual Result<void> remove(const Digest& digest) = 0;
  virtual Result<std::vector<Digest>> list() = 0;
};

}  // namespace slipway::ports
