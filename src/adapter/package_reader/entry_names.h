// EntryNames: the paths an archive has used so far, so that no two of its entries can be one file anywhere.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "domain/model/manifest.h"

namespace slipway::package_reader {

// One thread.
class EntryNames {
 public:
  // Refuses, as InvalidInput: what check_entry_path refuses, a path that is there twice or differs only by case, and a
  // file where others need a folder.
  Result<void> add(const std::string& path, bool is_folder);

 private:
  struct Use {
    std::string path;
    bool is_folder;
    bool is_declared;  // by an entry of its own, not only as somebody's parent
  };
  std::unordered_map<std::string, Use> uses_;  // by case_fold
};

// Takes the first part off every path if all of them share it and none consists of it alone.
void strip_common_folder(std::vector<model::PackageFile>& files);

}  // namespace slipway::package_reader
