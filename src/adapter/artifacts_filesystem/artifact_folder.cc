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

using Take = std::function<Result<void>(ByteSpan)>;

Result<Digest> digest_at(int folder, const std::string& name, const std::string& where, const Take& take) {
  const Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
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
  return digest_at(root_.fd(), Place(digest).path(), shown(digest), take);
}

Result<bool> ArtifactFolder::set_aside(const Digest& digest) const {
  const Place place(digest);
  const Take nothing = [](ByteSpan) { return Result<void>(); };
  if (TRY(read(digest, nothing)) == digest) return false;
  const std::string folder = path_ + "/" + kDamaged;
  const Descriptor damaged = TRY(ensure_folder(root_.fd(), kDamaged, folder));
  if (::renameat(root_.fd(), place.path().c_str(), damaged.fd(), place.name.c_str()) != 0) {
    return system_error("cannot set aside", shown(digest));
  }
  // A push may have put the right content there since it was read.
  auto moved = digest_at(damaged.fd(), place.name, folder + "/" + place.name, nothing);
  if (moved.ok() && *moved != digest) return true;
  // Right content replaces any; what cannot be read, none.
  const unsigned flags = moved.ok() ? 0 : RENAME_NOREPLACE;
  if (::renameat2(damaged.fd(), place.name.c_str(), root_.fd(), place.path().c_str(), flags) != 0 && errno != EEXIST) {
    return system_error("cannot put back from " + folder, shown(digest));
  }
  if (!moved.ok()) return std::move(moved).error();
  return false;
}

std::string ArtifactFolder::shown(const Digest& digest) const {
  return path_ + "/" + Place(digest).path();
}

}  // namespace slipway::artifacts_filesystem
