#include "adapter/artifacts_filesystem/artifact_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

struct OpenFile {
  Descriptor file;
  std::uint64_t size;
};

Result<OpenFile> open_file(int folder, const std::string& path, const std::string& shown) {
  Descriptor file(::openat(folder, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return system_error("cannot open artifact", shown);
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return system_error("cannot inspect artifact", shown);
  if (!S_ISREG(status.st_mode)) return corrupt(shown + ": expected a regular file");
  return OpenFile{std::move(file), static_cast<std::uint64_t>(status.st_size)};
}

Result<void> check_digest(const Digest& found, const Digest& expected, const std::string& shown) {
  if (found == expected) return {};
  return corrupt(shown + ": expected content of SHA-256 " + expected.hex() + ", found " + found.hex() +
                 "; the file was damaged after it was stored, push the same package again to heal it");
}

class FileContent final : public ports::Content {
 public:
  FileContent(OpenFile open, std::string shown, const Digest& digest)
      : open_(std::move(open)), shown_(std::move(shown)), digest_(digest), left_(open_.size) {}

  std::uint64_t size() const override { return open_.size; }
  Result<std::size_t> read(MutableByteSpan into) override {
    if (left_ < into.size()) into = into.first(static_cast<std::size_t>(left_));
    if (into.empty()) return std::size_t{0};
    TRY(read_exactly(open_.file.fd(), into, shown_));
    left_ -= into.size();
    hash_.update(into);
    if (left_ == 0) TRY(check_digest(hash_.finish(), digest_, shown_));
    return into.size();
  }

 private:
  const OpenFile open_;
  const std::string shown_;
  const Digest digest_;
  std::uint64_t left_;
  Sha256 hash_;
};

}  // namespace

Result<std::unique_ptr<ports::Content>> open_content(int folder, const std::string& path, const std::string& shown,
                                                     const Digest& digest) {
  OpenFile open = TRY(open_file(folder, path, shown));
  if (open.size == 0) TRY(check_digest(sha256({}), digest, shown));
  return std::unique_ptr<ports::Content>(std::make_unique<FileContent>(std::move(open), shown, digest));
}

namespace {

Result<OpenFile> open_within(int folder, const std::string& path, const std::string& shown, const Digest& digest,
                             Bytes limit) {
  OpenFile open = TRY(open_file(folder, path, shown));
  if (open.size <= limit.count) return open;
  return invalid_input("artifact sha256:" + digest.hex() + ": expected at most " + to_string(limit) + ", found " +
                       std::to_string(open.size) + " bytes");
}

}  // namespace

Result<void> pour_verified(int folder, const std::string& path, const std::string& shown, const Digest& digest,
                           Bytes limit, const ports::TakePiece& take) {
  constexpr std::size_t kPiece = 256 << 10;
  auto [file, left] = TRY(open_within(folder, path, shown, digest, limit));
  std::vector<std::byte> buffer(std::min<std::uint64_t>(kPiece, left));
  Sha256 hash;
  while (left > 0) {
    const auto piece = MutableByteSpan(buffer).first(std::min<std::uint64_t>(buffer.size(), left));
    TRY(read_exactly(file.fd(), piece, shown));
    hash.update(piece);
    TRY(take(piece));
    left -= piece.size();
  }
  return check_digest(hash.finish(), digest, shown);
}

Result<std::vector<std::byte>> read_verified(int folder, const std::string& path, const std::string& shown,
                                             const Digest& digest, Bytes limit) {
  const auto [file, size] = TRY(open_within(folder, path, shown, digest, limit));
  std::vector<std::byte> content(size);
  TRY(read_exactly(file.fd(), content, shown));
  TRY(check_digest(sha256(content), digest, shown));
  return content;
}

}  // namespace slipway::artifacts_filesystem
