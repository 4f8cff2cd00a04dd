// S3Artifacts: artifacts as objects of a bucket, named by their SHA-256. The layout is docs/formats/artifacts.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/artifacts_s3/local_folder.h"
#include "adapter/artifacts_s3/s3_client.h"
#include "base/log.h"
#include "ports/artifact_store.h"

namespace slipway::artifacts_s3 {

// Owned by the application; must outlive its writers and batches. Any thread. Content is spooled on the local disk
// until its digest is known, and copies of what was stored or read stay there, so that what is served is read once.
// Several servers may share a bucket and a prefix.
class S3Artifacts final : public ports::ArtifactStore {
 public:
  // `folder` is created if it is not there; its parent must exist. `copies` bounds what stays in it. Asks the bucket
  // once: InvalidInput if it refuses or is not there; one that cannot be reached now is told in the log, and what is in
  // the folder is served.
  static Result<std::unique_ptr<S3Artifacts>> open(S3Settings settings, const std::string& folder, Bytes copies,
                                                   Log& log,
                                                   S3Surroundings surroundings = S3Surroundings::of_the_process());

  Result<std::unique_ptr<ports::ArtifactWriter>> create() override;
  Result<std::unique_ptr<ports::ArtifactBatch>> begin_batch() override;
  Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) override;
  Result<void> pour(const Digest& digest, Bytes limit, const ports::TakePiece& take) override;
  Result<std::unique_ptr<ports::Content>> content(const Digest& digest) override;
  Result<bool> contains(const Digest& digest) override;
  // Leaves what was stored less than `young` ago, by the server's clock, and says Ok: it may be part of a push that
  // another server has not yet recorded.
  Result<void> remove(const Digest& digest) override;
  Result<std::vector<Digest>> list() override;

 private:
  class Writer;
  class Batch;
  S3Artifacts(std::unique_ptr<S3Client> client, std::unique_ptr<LocalFolder> folder)
      : client_(std::move(client)), folder_(std::move(folder)) {}

  const std::unique_ptr<S3Client> client_;
  const std::unique_ptr<LocalFolder> folder_;
};

}  // namespace slipway::artifacts_s3
