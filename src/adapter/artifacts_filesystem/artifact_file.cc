#include "adapter/artifacts_filesystem/artifact_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "adapter/artifacts_filesystem/folder.h"

namespace slipway::artifacts_filesystem {
namespace {

Result<void> read_exactly(int file, MutableByteSpan into, const std::string& shown) {
  while (!into.empty()) {
    const ssize_t got = ::read(file, into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", shown);
    if (got == 0) return corrupt(shown + ": the file ends " + std::to_string(into.size()) + " bytes too early");
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> read_verified(int folder, const std::string& path, const std::string& shown,
                                             const Digest& digest, Bytes limit) {
  const Descriptor file(::openat(folder, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return system_error("cannot open artifact", shown);
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return system_error("cannot inspect artifact", shown);
  if (!S_ISREG(status.st_mode)) return corrupt(shown + ": expected a regular file");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > limit.count) {
    return invalid_input("artifact sha256:" + digest.hex() + ": expected at most " + to_string(limit) + ", found " +
                         std::to_string(size) + " bytes");
  }
  std::vector<std::byte> content(size);
  TRY(read_exactly(file.fd(), content, shown));
  const Digest found = sha256(content);
  if (found != digest) {
    return corrupt(shown + ": expected content of SHA-256 " + digest.hex() + ", found " + found.hex() +
                   "; the file was damaged after it was stored, push the same package again to heal it");
  }
  return content;
}

}  // namespace slipway::artifacts_filesystem
