#include "adapter/triton_repository/package_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/text.h"

namespace slipway::triton_repository {
namespace {

constexpr std::string_view kPrefix = "package-";
constexpr std::size_t kPiece = 256 << 10;

Error disk_error(const std::string& doing, int number) {
  const std::string text = doing + ": " + std::strerror(number);
  return number == ENOSPC || number == EDQUOT ? overloaded("the disk is full: " + text) : unavailable(text);
}

// A tar being written to a descriptor it does not own.
class Tar {
 public:
  static Result<Tar> begin(int descriptor) {
    Tar tar;
    archive_write_set_format_pax_restricted(tar.archive_.get());
    if (archive_write_open_fd(tar.archive_.get(), descriptor) != ARCHIVE_OK) return tar.failure();
    return tar;
  }

  Result<void> entry(const std::string& path, std::uint64_t size) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    if (archive_write_header(archive_.get(), entry.get()) != ARCHIVE_OK) return failure();
    return {};
  }
  Result<void> write(ByteSpan bytes) {
    while (!bytes.empty()) {
      const la_ssize_t written = archive_write_data(archive_.get(), bytes.data(), bytes.size());
      if (written <= 0) return failure();
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }
  Result<void> finish() {
    if (archive_write_close(archive_.get()) != ARCHIVE_OK) return failure();
    return {};
  }

 private:
  Tar() : archive_(archive_write_new(), archive_write_free) {}
  Error failure() const { return disk_error("writing a package", archive_errno(archive_.get())); }

  std::unique_ptr<archive, decltype(&archive_write_free)> archive_;
};

Result<void> copy(const RepositoryFolder& repository, const std::string& model, const PackagePart& part, Tar& tar) {
  const RepositoryFile source = TRY(repository.file(model, part.source));
  TRY(tar.entry(part.path, part.size));
  std::vector<std::byte> piece(kPiece);
  std::uint64_t copied = 0;
  while (true) {
    const std::size_t got = TRY(source.read(piece));
    if (got == 0) break;
    copied += got;
    if (copied > part.size) break;
    TRY(tar.write(ByteSpan(piece).first(got)));
  }
  if (copied != part.size) {
    return conflict(printable(part.source) + ": expected " + std::to_string(part.size) +
                    " bytes, found another size: it is being written");
  }
  // Also what was written in place, at the same size, leaves its time.
  if (TRY(source.stamp(part.source)) == part.stamp) return {};
  return conflict(printable(part.source) + " changed while it was read: it is being written");
}

Result<void> fill(int descriptor, const RepositoryFolder& repository, const std::string& model,
                  const VersionPlan& version) {
  Tar tar = TRY(Tar::begin(descriptor));
  TRY(tar.entry("slipway.yaml", version.manifest.size()));
  TRY(tar.write(as_bytes(version.manifest)));
  for (const PackagePart& part : version.parts) TRY(copy(repository, model, part, tar));
  return tar.finish();
}

}  // namespace

Result<PackageFile> PackageFile::create(const RepositoryFolder& repository, const std::string& model,
                                        const VersionPlan& version, const std::string& folder) {
  std::string path = folder + "/" + std::string(kPrefix) + "XXXXXX";
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return disk_error("making a file for a package", errno);
  PackageFile file(std::move(path));
  const auto filled = fill(descriptor, repository, model, version);
  const bool closed = ::close(descriptor) == 0;
  if (!filled) return filled.error();
  if (!closed) return disk_error("writing a package", errno);
  return file;
}

PackageFile::PackageFile(PackageFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PackageFile::~PackageFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> prepare_packages(const std::string& folder) {
  std::error_code failure;
  std::filesystem::remove_all(folder, failure);  // nothing but what this room writes is in it
  if (!std::filesystem::create_directories(folder, failure) && failure) {
    return unavailable("making the folder " + folder + ": " + failure.message());
  }
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
  return {};
}

}  // namespace slipway::triton_repository
