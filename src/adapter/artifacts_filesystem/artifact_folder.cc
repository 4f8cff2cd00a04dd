#include "adapter/artifacts_filesystem/artifact_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "adapter/artifacts_filesystem/artifact_file.h"
#include "adapter/artifacts_filesystem/folder_walk.h"

namespace slipway::artifacts_filesystem {
namespace {

constexpr char kDamaged[] = "damaged";
constexpr std::size_t kPiece = 1 << 20;

}  // namespace

Result<ArtifactFolder> ArtifactFolder::open(const std::string& folder) {
  Descriptor root = TRY(open_folder(AT_FDCWD, folder, folder));
  return ArtifactFolder(folder, std::move(root));
}

Result<std::vector<Digest>> ArtifactFolder::list() const {
  return digests_in(root_, path_);
}

Result<bool> ArtifactFolder::holds(const Digest& digest) const {
  if (::faccessat(root_.fd(), Place(digest).path().c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  return system_error("cannot inspect artifact", shown(digest));
}

Result<Digest> ArtifactFolder::read(const Digest& digest, const std::function<Result<void>(ByteSpan)>& take) const {
  const std::string where = shown(digest);
  const Descriptor file(
      ::openat(root_.fd(), Place(digest).path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file && errno == ELOOP) return corrupt(where + ": expected a regular file, found a link");
  if (!file) return system_error("cannot open artifact", where);
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return system_error("cannot inspect artifact", where);
  if (!S_ISREG(status.st_mode)) return corrupt(where + ": expected a regular file");
  ::posix_fadvise(file.fd(), 0, 0, POSIX_FADV_DONTNEED);
  ::posix_fadvise(file.fd(), 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<std::byte> piece(kPiece);
  Sha256 hash;
  while (true) {
    const ssize_t got = ::read(file.fd(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", where);
    if (got == 0) break;
    const ByteSpan bytes = std::span(piece).first(static_cast<std::size_t>(got));
    hash.update(bytes);
    TRY(take(bytes));
  }
  ::posix_fadvise(file.fd(), 0, 0, POSIX_FADV_DONTNEED);  // it would push out what is in use
  return hash.finish();
}

Result<void> ArtifactFolder::set_aside(const Digest& digest) const {
  const Place place(digest);
  const Descriptor damaged = TRY(ensure_folder(root_.fd(), kDamaged, path_ + "/" + kDamaged));
  if (::renameat(root_.fd(), place.path().c_str(), damaged.fd(), place.name.c_str()) != 0) {
    return system_error("cannot set aside", shown(digest));
  }
  return {};
}

std::string ArtifactFolder::shown(const Digest& digest) const {
  return path_ + "/" + Place(digest).path();
}

}  // namespace slipway::artifacts_filesystem
