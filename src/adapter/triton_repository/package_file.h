// PackageFile: a version of the repository as an archive on local disk, as a push would bring it.
#pragma once

#include <string>

#include "adapter/triton_repository/model_plan.h"
#include "adapter/triton_repository/repository_folder.h"

namespace slipway::triton_repository {

// A file that is gone when this goes. One thread; blocks.
class PackageFile {
 public:
  // Writes it to a fresh file in `folder`. Conflict: a file changed while it was read. Overloaded: the disk is full.
  static Result<PackageFile> create(const RepositoryFolder& repository, const std::string& model,
                                    const VersionPlan& version, const std::string& folder);
  PackageFile(PackageFile&& other) noexcept;
  PackageFile& operator=(PackageFile&&) = delete;
  ~PackageFile();

  const std::string& path() const { return path_; }

 private:
  explicit PackageFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Makes the folder if need be, and removes what an earlier server left in it. Unavailable.
Result<void> prepare_packages(const std::string& folder);

}  // namespace slipway::triton_repository
