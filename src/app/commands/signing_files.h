// The small files of signing: keys and bundles.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::app {

// At most 4 MiB. NotFound, Unavailable, or InvalidInput above that.
Result<std::string> read_small_file(const std::string& path);

// Conflict: there is one already; it is not overwritten. `mode` as of open(2).
Result<void> write_new_file(const std::string& path, std::string_view text, unsigned mode);

// Where the signature of a package is looked for: FOLDER/model.sig, else PACKAGE.sig.
std::string signature_beside(const std::string& package);

}  // namespace slipway::app
