// ArtifactFolder: the artifacts of a folder as they lie there, for those who check them or take them along.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapter/artifacts_filesystem/folder.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"

namespace slipway::artifacts_filesystem {

// Beside a server that has the folder open, or without one: nothing is created, and nothing removed by itself. One
// thread.
class ArtifactFolder {
 public:
  static Result<ArtifactFolder> open(const std::string& folder);  // NotFound

  // What lies where an artifact would; what else is in the folder is left alone.
  Result<std::vector<Digest>> list() const;
  Result<bool> holds(const Digest& digest) const;
  // Hands the content to `take` piece by piece and returns the digest it really has. It is read from the disk, as far
  // as the system lets go of what it remembers. NotFound: there is none; Corrupt: it is no file.
  Result<Digest> read(const Digest& digest, const std::function<Result<void>(ByteSpan)>& take) const;
  // Moves it to damaged/, where nothing reads it, and returns true; one of the same name that is there is replaced.
  // Reads it before and after: what is right by then, since a push has healed it, stays or is put back: false. Cannot
  // be read: fails, and it stays, or is put back.
  Result<bool> set_aside(const Digest& digest) const;
  std::string shown(const Digest& digest) const;  // its path

 private:
  ArtifactFolder(std::string path, Descriptor root) : path_(std::move(path)), root_(std::move(root)) {}

  std::string path_;
  Descriptor root_;
};

}  // namespace slipway::artifacts_filesystem
