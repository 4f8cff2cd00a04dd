// RepositoryFolder: a folder of model folders on disk, read without ever leaving it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"

namespace slipway::triton_repository {

struct FolderLimits {
  std::size_t models = 1024;
  std::size_t files = 10'000;  // of one model, all versions together
  std::size_t depth = 8;
};

struct FolderFile {
  std::string path;  // below the model's folder, '/'-separated
  std::uint64_t size = 0;
  Digest stamp;  // of path, size, times and inode: differs when the file was written since
};

// What one model's folder holds at the moment. A value.
struct ModelFolder {
  const FolderFile* find(std::string_view path) const;  // null: none

  std::string name;
  std::vector<FolderFile> files;         // sorted; hidden files are left out
  std::vector<std::string> directories;  // at the top, sorted
  WallTime newest_change{};              // of any file or directory: by the clock of the file system
  Digest stamp;                          // of all
};

// Relative, without empty parts and parts that begin with a dot.
bool is_plain_path(std::string_view path);

// An open file of the repository. Closes it. One thread.
class RepositoryFile {
 public:
  explicit RepositoryFile(int descriptor) : descriptor_(descriptor) {}
  RepositoryFile(RepositoryFile&& other) noexcept;
  RepositoryFile& operator=(RepositoryFile&&) = delete;
  ~RepositoryFile();

  // Fills up to `into.size()` bytes; 0 at the end. Unavailable.
  Result<std::size_t> read(MutableByteSpan into) const;
  // What FolderFile::stamp of `path` would be now. Unavailable.
  Result<Digest> stamp(std::string_view path) const;

 private:
  int descriptor_;
};

// Any thread; blocks. Links are followed as long as they end inside the repository. Failures: NotFound, InvalidInput
// (a link that leaves it, a device, too many files), Unavailable (it cannot be read).
class RepositoryFolder {
 public:
  static Result<RepositoryFolder> open(const std::string& path, const FolderLimits& limits = {});

  // Names of the folders that may be models, sorted; hidden ones are left out.
  Result<std::vector<std::string>> models() const;
  Result<ModelFolder> model(std::string_view name) const;
  bool has(std::string_view name) const;
  Result<RepositoryFile> file(std::string_view model, std::string_view path) const;
  // InvalidInput above `limit`. Conflict: it is not what `folder` found, or changed while it was read.
  Result<std::string> text(const ModelFolder& folder, std::string_view path, std::size_t limit) const;

 private:
  RepositoryFolder(std::string root, const FolderLimits& limits) : root_(std::move(root)), limits_(limits) {}
  struct Walk;
  Result<void> walk(Walk& walk, const std::string& path, std::size_t depth) const;
  Result<std::string> real_path(const std::string& path, std::string_view shown) const;

  std::string root_;  // without links
  FolderLimits limits_;
};

}  // namespace slipway::triton_repository
