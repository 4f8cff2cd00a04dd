// Where an artifact lies below artifacts/, and its bytes, verified.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "ports/artifact_store.h"

namespace slipway::artifacts_filesystem {

inline constexpr char kIncoming[] = "incoming";

// ab/cd/abcd...: two levels of 256 folders.
struct Place {
  explicit Place(const Digest& digest) : name(digest.hex()), first(name.substr(0, 2)), second(name.substr(2, 2)) {}
  std::string folder() const { return first + "/" + second; }
  std::string path() const { return folder() + "/" + name; }

  std::string name, first, second;
};

// The file `path` inside `folder`: what is returned is what was hashed. As ports::ArtifactStore::read() fails.
Result<std::vector<std::byte>> read_verified(int folder, const std::string& path, const std::string& shown,
                                             const Digest& digest, Bytes limit);
// The same, given on while it is hashed, through a buffer that stays in the processor's cache.
Result<void> pour_verified(int folder, const std::string& path, const std::string& shown, const Digest& digest,
                           Bytes limit, const ports::TakePiece& take);
// The same, to be read piece by piece. The file stays open, and its bytes there, as long as the content lives.
Result<std::unique_ptr<ports::Content>> open_content(int folder, const std::string& path, const std::string& shown,
                                                     const Digest& digest);

}  // namespace slipway::artifacts_filesystem
