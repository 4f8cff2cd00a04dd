#include "adapter/artifacts_filesystem/filesystem_artifacts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "adapter/artifacts_filesystem/artifact_file.h"
#include "adapter/artifacts_filesystem/durability.h"
#include "adapter/artifacts_filesystem/folder_walk.h"

namespace slipway::artifacts_filesystem {
namespace {

// A batch of one.
class LoneWriter final : public ports::ArtifactWriter {
 public:
  static Result<std::unique_ptr<ports::ArtifactWriter>> create(const StoreFolders& folders) {
    auto made = std::make_unique<LoneWriter>(folders);
    made->writer_ = TRY(made->batch_.create());
    return std::unique_ptr<ports::ArtifactWriter>(std::move(made));
  }
  explicit LoneWriter(const StoreFolders& folders) : batch_(folders) {}
  Result<void> write(ByteSpan bytes) override { return writer_->write(bytes); }
  Result<Digest> finish() override {
    const Digest digest = TRY(writer_->finish());
    TRY(batch_.commit());
    return digest;
  }

 private:
  IncomingBatch batch_;
  std::unique_ptr<ports::ArtifactWriter> writer_;
};

}  // namespace

FilesystemArtifacts::FilesystemArtifacts(StoreFolders folders) : folders_(std::move(folders)) {}

Result<std::unique_ptr<FilesystemArtifacts>> FilesystemArtifacts::open(const std::string& folder) {
  Descriptor root = TRY(ensure_folder(AT_FDCWD, folder, folder));
  Descriptor incoming = TRY(ensure_folder(root.fd(), kIncoming, folder + "/" + kIncoming));
  TRY(make_durable(std::span(&root, 1), folder));
  std::unique_ptr<FilesystemArtifacts> store(
      new FilesystemArtifacts({folder, std::move(root), std::move(incoming)}));  // the constructor is private
  TRY(store->remove_incoming());
  return store;
}

Result<void> FilesystemArtifacts::remove_incoming() {
  for (const std::string& name : TRY(names_in(folders_.incoming, folders_.path + "/" + kIncoming))) {
    if (::unlinkat(folders_.incoming.fd(), name.c_str(), 0) != 0 && errno != ENOENT) {
      return system_error("cannot remove the unfinished upload", folders_.path + "/" + kIncoming + "/" + name);
    }
  }
  return {};
}

Result<std::unique_ptr<ports::ArtifactWriter>> FilesystemArtifacts::create() {
  return LoneWriter::create(folders_);
}

Result<std::unique_ptr<ports::ArtifactBatch>> FilesystemArtifacts::begin_batch() {
  return std::unique_ptr<ports::ArtifactBatch>(std::make_unique<IncomingBatch>(folders_));
}

Result<std::vector<std::byte>> FilesystemArtifacts::read(const Digest& digest, Bytes limit) {
  const std::string path = Place(digest).path();
  return read_verified(folders_.root.fd(), path, folders_.path + "/" + path, digest, limit);
}

Result<void> FilesystemArtifacts::pour(const Digest& digest, Bytes limit, const ports::TakePiece& take) {
  const std::string path = Place(digest).path();
  return pour_verified(folders_.root.fd(), path, folders_.path + "/" + path, digest, limit, take);
}

Result<std::unique_ptr<ports::Content>> FilesystemArtifacts::content(const Digest& digest) {
  const std::string path = Place(digest).path();
  return open_content(folders_.root.fd(), path, folders_.path + "/" + path, digest);
}

Result<bool> FilesystemArtifacts::contains(const Digest& digest) {
  const std::string place = Place(digest).path();
  struct stat status{};
  if (::fstatat(folders_.root.fd(), place.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return S_ISREG(status.st_mode);
  if (errno == ENOENT) return false;
  return system_error("cannot inspect artifact", folders_.path + "/" + place);
}

Result<void> FilesystemArtifacts::remove(const Digest& digest) {
  const std::string place = Place(digest).path();
  // Not made durable: an artifact that comes back after a crash is an orphan, and collected as one.
  if (::unlinkat(folders_.root.fd(), place.c_str(), 0) == 0 || errno == ENOENT) return {};
  return system_error("cannot remove artifact", folders_.path + "/" + place);
}

Result<std::vector<Digest>> FilesystemArtifacts::list() {
  return digests_in(folders_.root, folders_.path);
}

}  // namespace slipway::artifacts_filesystem
