#include "domain/model/manifest.h"

#include <algorithm>

namespace slipway::model {

Digest package_digest(std::span<const PackageFile> files) {
  std::vector<const PackageFile*> sorted;
  for (const PackageFile& file : files) sorted.push_back(&file);
  std::ranges::sort(sorted, {}, [](const PackageFile* file) -> const std::string& { return file->path; });
  Sha256 hash;
  for (const PackageFile* file : sorted) {
    std::string line = file->path;
    line += '\0';
    line += std::to_string(file->size);
    line += '\0';
    line += file->digest.hex();
    line += '\n';
    hash.update(as_bytes(line));
  }
  return hash.finish();
}

}  // namespace slipway::model
