// names_in: the entries of a folder.
#pragma once

#include <string>
#include <vector>

#include "adapter/artifacts_filesystem/folder.h"

namespace slipway::artifacts_filesystem {

// Every name but "." and "..", sorted. The folder's own position is not used.
Result<std::vector<std::string>> names_in(const Descriptor& folder, const std::string& shown);

}  // namespace slipway::artifacts_filesystem
