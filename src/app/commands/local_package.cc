#include "app/commands/local_package.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "adapter/package_reader/package_reader.h"
#include "adapter/store_memory/memory_artifacts.h"
#include "cli/package_stream.h"

namespace slipway::app {
namespace {

// A file that is gone when this ends.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create() {
    std::error_code failure;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(failure);
    if (failure) return unavailable("expected TMPDIR to be a folder for temporary files: " + failure.message());
    std::string path = (folder / "slipway-package-XXXXXX").string();
    const int descriptor = mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) return unavailable("cannot create a file in " + folder.string() + ": " + std::strerror(errno));
    return TemporaryFile(std::move(path), descriptor);
  }
  TemporaryFile(TemporaryFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~TemporaryFile() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    unlink(path_.c_str());
  }
  TemporaryFile& operator=(TemporaryFile&&) = delete;

  const std::string& path() const { return path_; }
  Result<void> write(ByteSpan bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) return unavailable(path_ + ": " + std::strerror(errno));
      if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

 private:
  TemporaryFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;
};

Result<void> copy(cli::Package& package, TemporaryFile& file) {
  std::vector<char> buffer(1 << 16);
  while (true) {
    const std::size_t got = TRY(package.read(buffer));
    if (got == 0) return {};
    TRY(file.write(std::as_bytes(std::span(buffer).first(got))));
  }
}

}  // namespace

Result<LocalPackage> open_local_package(const std::string& path) {
  const auto package = TRY(cli::Package::open(path));
  TemporaryFile file = TRY(TemporaryFile::create());
  TRY(copy(*package, file));
  auto placeholder = TRY(model::ModelName::parse("local"));
  LocalPackage local{std::make_unique<store_memory::MemoryArtifacts>(), {}, {std::move(placeholder)}};
  local.opened = TRY(package_reader::make_package_reader()->open(file.path(), package->filename(), *local.artifacts));
  if (auto name = model::ModelName::parse(local.opened.manifest.name); name.ok()) local.version.name = *name;
  local.version.files = local.opened.files;
  local.version.digest = model::package_digest(local.opened.files);
  local.version.manifest = local.opened.manifest_text;
  return local;
}

}  // namespace slipway::app
