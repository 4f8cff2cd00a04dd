// An archive from anyone: it is refused, or its files are in the store as they were said to be.
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "adapter/package_reader/archive_reader.h"
#include "adapter/package_reader/entry_path.h"
#include "adapter/store_memory/memory_artifacts.h"
#include "base/invariant.h"

using namespace slipway;

namespace {

// The one file uploads are read from, removed at the end.
class UploadPath {
 public:
  UploadPath() { ::close(::mkstemp(path_.data())); }
  ~UploadPath() { ::unlink(path_.c_str()); }
  const std::string& text() const { return path_; }

 private:
  std::string path_ = "/tmp/slipway-fuzz-XXXXXX";
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const UploadPath path;
  std::ofstream(path.text(), std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  auto file = package_reader::UploadFile::open(path.text());
  invariant(file.ok(), "the upload is there");
  const auto kind = package_reader::kind_of(*file);
  invariant(kind.ok(), "the upload can be read");
  if (*kind == package_reader::UploadKind::Single) return 0;

  store_memory::MemoryArtifacts store;
  const ports::PackageLimits limits{.total = mebibytes(4), .files = 64, .ratio = 200};
  const auto files = *kind == package_reader::UploadKind::Zip ? package_reader::read_zip(*file, limits, store)
                                                              : package_reader::read_tar(*file, *kind, limits, store);
  if (!files.ok()) {
    invariant(files.error().code == ErrorCode::InvalidInput, "what is wrong with an archive is its author's");
    return 0;
  }
  std::uint64_t total = 0;
  for (const model::PackageFile& entry : *files) {
    invariant(package_reader::check_entry_path(entry.path).ok(), "paths stay inside the package");
    const auto content = store.read(entry.digest, limits.total);
    invariant(content.ok() && content->size() == entry.size, "every file is stored whole");
    total += entry.size;
  }
  invariant(total <= limits.total.count && files->size() <= limits.files, "limits hold");
  return 0;
}
