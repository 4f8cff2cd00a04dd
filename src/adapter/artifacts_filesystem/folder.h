// Opening folders without following links, and what a failed system call means.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace slipway::artifacts_filesystem {

// Opens the folder `name` inside `parent`, never through a link. `name` may be a path when `parent` is AT_FDCWD.
Result<Descriptor> open_folder(int parent, const std::string& name, const std::string& shown);
// Creates it first if it is not there, 0700. Its entry is durable once `parent` is.
Result<Descriptor> ensure_folder(int parent, const std::string& name, const std::string& shown);

// The error of a system call that just failed: Overloaded when there is no space left, NotFound, else Unavailable.
// "`doing` `shown`: reason".
Error system_error(const std::string& doing, const std::string& shown);

}  // namespace slipway::artifacts_filesystem
