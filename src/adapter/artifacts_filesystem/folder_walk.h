// names_in, digests_in: the entries of a folder; the artifacts of a store.
#pragma once

#include <string>
#include <vector>

#include "adapter/artifacts_filesystem/folder.h"
#include "base/digest.h"

namespace slipway::artifacts_filesystem {

// Every name but "." and "..", sorted. The folder's own position is not used.
Result<std::vector<std::string>> names_in(const Descriptor& folder, const std::string& shown);

// Every artifact that lies in its place below `root`, in order; anything else is not ours to touch.
Result<std::vector<Digest>> digests_in(const Descriptor& root, const std::string& shown);

}  // namespace slipway::artifacts_filesystem
