// FilesystemArtifacts: artifacts as files named by their SHA-256. The layout is docs/formats/artifacts.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/artifacts_filesystem/incoming_batch.h"
#include "ports/artifact_store.h"

namespace slipway::artifacts_filesystem {

// Owned by the application; must outlive its writers and batches. Any thread. One process at a time may have a folder
// open (the data directory's lock sees to that): what another left in incoming/ is removed when it opens.
class FilesystemArtifacts final : public ports::ArtifactStore {
 public:
  // Creates `folder` if it is not there; its parent must exist. Unavailable names the path and the reason.
  static Result<std::unique_ptr<FilesystemArtifacts>> open(const std::string& folder);

  Result<std::unique_ptr<ports::ArtifactWriter>> create() override;
  Result<std::unique_ptr<ports::ArtifactBatch>> begin_batch() override;
  Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) override;
  Result<void> pour(const Digest& digest, Bytes limit, const ports::TakePiece& take) override;
  Result<std::unique_ptr<ports::Content>> content(const Digest& digest) override;
  Result<bool> contains(const Digest& digest) override;
  Result<void> remove(const Digest& digest) override;
  Result<std::vector<Digest>> list() override;

 private:
  explicit FilesystemArtifacts(StoreFolders folders);
  Result<void> remove_incoming();

  const StoreFolders folders_;
};

}  // namespace slipway::artifacts_filesystem
