// IncomingBatch: the artifacts of one package between their writing and their place in the store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapter/artifacts_filesystem/folder.h"
#include "ports/artifact_store.h"

namespace slipway::artifacts_filesystem {

// The folders of a store, open for as long as it lives.
struct StoreFolders {
  std::string path;  // of artifacts/
  Descriptor root;
  Descriptor incoming;
};

// One thread; blocks. Its files lie in incoming/ until commit(), which puts them in place only when every byte of every
// one is durable; what is not committed is removed. Must not outlive the store.
class IncomingBatch final : public ports::ArtifactBatch {
 public:
  explicit IncomingBatch(const StoreFolders& folders) : folders_(folders) {}
  ~IncomingBatch() override;

  Result<std::unique_ptr<ports::ArtifactWriter>> create() override;
  Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) override;
  Result<void> commit() override;

 private:
  class Writer;
  Result<void> keep(const Digest& digest, std::string name, Descriptor file);
  Result<void> flush();
  Result<void> put_in_place();
  Error failed(const std::string& doing);

  const StoreFolders& folders_;
  std::map<Digest, std::string> names_;  // in incoming/
  std::vector<Descriptor> unsynced_;     // of them, those that are not durable yet
  bool broken_ = false;                  // a write or fsync failed, which is final
};

}  // namespace slipway::artifacts_filesystem
