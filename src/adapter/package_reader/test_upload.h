// Opens packages from bytes, for the tests of this room.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "adapter/package_reader/package_reader.h"
#include "adapter/store_memory/memory_artifacts.h"

namespace slipway::package_reader::test {

// A reader with a store in memory and a folder of its own, removed at the end.
class Upload {
 public:
  explicit Upload(const ports::PackageLimits& limits = {}) : reader_(make_package_reader(limits)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-package-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Upload() { std::filesystem::remove_all(folder_); }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  Result<ports::OpenedPackage> open(std::string_view bytes, std::string_view filename = "upload") {
    const std::filesystem::path path = folder_ / "upload";
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return open_file(path.string(), filename);
  }
  Result<ports::OpenedPackage> open_file(const std::string& path, std::string_view filename) {
    return reader_->open(path, filename, store_);
  }

  store_memory::MemoryArtifacts& store() { return store_; }
  ports::PackageReader& reader() { return *reader_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  store_memory::MemoryArtifacts store_;
  std::unique_ptr<ports::PackageReader> reader_;
  std::filesystem::path folder_;
};

}  // namespace slipway::package_reader::test
