// Reads archives entry by entry and hands the bytes on: nothing is ever written to a path an archive names.
#pragma once

#include <functional>
#include <vector>

#include "adapter/package_reader/upload_file.h"
#include "base/result.h"
#include "domain/model/manifest.h"
#include "ports/artifact_store.h"
#include "ports/package_reader.h"

namespace slipway::package_reader {

// Puts every regular file of the archive into `store`. A folder that holds all of them is stripped from the paths.
// InvalidInput names the entry: a path check_entry_path refuses, one that is there twice (also by case only) or is a
// file and a folder, a link, device or other special file, an encrypted entry, sizes and numbers beyond `limits`, and
// archives that are damaged, cut off or followed by other bytes. Folders themselves leave no trace.
// `kind`: Tar, TarGzip or TarZstd. Requires: nothing was read of `upload`; it is read to its end, unless refused.
Result<std::vector<model::PackageFile>> read_tar(UploadBytes& upload, UploadKind kind,
                                                 const ports::PackageLimits& limits, ports::ArtifactShelf& store);
Result<std::vector<model::PackageFile>> read_zip(UploadFile& file, const ports::PackageLimits& limits,
                                                 ports::ArtifactShelf& store);

}  // namespace slipway::package_reader
