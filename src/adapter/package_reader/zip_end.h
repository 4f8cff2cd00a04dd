// Where a zip ends: nothing may follow its end record, and nothing may come before its first entry.
#pragma once

#include "adapter/package_reader/upload_file.h"
#include "base/result.h"

namespace slipway::package_reader {

// InvalidInput if the file does not end with a complete end-of-central-directory record of a single volume, or if the
// directory it names is not right before it. Leaves the position at 0.
Result<void> check_zip_end(UploadFile& file);

}  // namespace slipway::package_reader
