#include "adapter/package_reader/upload_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace slipway::package_reader {

Result<UploadFile> UploadFile::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) {
    const std::string why = std::string("cannot open the upload: ") + std::strerror(errno);
    return errno == ENOENT ? not_found(why) : unavailable(why);
  }
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return invalid_input("expected the upload to be a regular file");
  }
  return UploadFile(descriptor, static_cast<std::uint64_t>(status.st_size));
}

UploadFile::~UploadFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

UploadFile::UploadFile(UploadFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_), position_(other.position_) {}

Result<std::size_t> UploadFile::read(MutableByteSpan into) {
  while (true) {
    const ssize_t got = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(position_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unavailable(std::string("cannot read the upload: ") + std::strerror(errno));
    position_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }
}

Result<UploadKind> kind_of(UploadFile& file) {
  std::array<std::byte, kTelling> head{};
  file.seek(0);
  const std::size_t got = TRY(file.read(head));
  file.seek(0);
  return kind_of(ByteSpan(head).first(got));
}

}  // namespace slipway::package_reader
