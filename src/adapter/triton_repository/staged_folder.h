// StagedFolder: the files that came with a load, as a repository of one model.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ports/model_repository.h"

namespace slipway::triton_repository {

// A folder that is gone when this goes. One thread; blocks.
class StagedFolder {
 public:
  // InvalidInput names a path that leaves the folder or is there twice; Overloaded: the disk is full.
  static Result<StagedFolder> create(const std::string& below, const std::string& model,
                                     const std::vector<ports::RepositoryOverrides::File>& files);
  StagedFolder(StagedFolder&& other) noexcept;
  StagedFolder& operator=(StagedFolder&&) = delete;
  ~StagedFolder();

  const std::string& path() const { return path_; }

 private:
  explicit StagedFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace slipway::triton_repository
