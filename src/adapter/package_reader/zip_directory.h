// What is checked of a zip before libarchive reads it: its end, and the raw names and types in its directory.
#pragma once

#include "adapter/package_reader/upload_file.h"
#include "base/result.h"

namespace slipway::package_reader {

// InvalidInput if the file does not end with a complete end record of a single volume (of a zip64: both of them, and
// the locator between), if the directory it names is not right before it, or if the directory has a FIFO, or a
// name with a NUL, which would end it early, or a backslash, which some readers take for a slash. Leaves the position
// at 0.
Result<void> check_zip_directory(UploadFile& file);

}  // namespace slipway::package_reader
