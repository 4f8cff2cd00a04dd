// MLmodel: the file by which a folder of MLflow says what its model is.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "domain/model/manifest.h"

namespace slipway::package_reader {

inline constexpr std::string_view kMlmodelFile = "MLmodel";

// Takes format, main file and lineage from the text of an MLmodel. The flavour onnx is native; of the others the most
// telling is the format (sklearn before pyfunc). InvalidInput: no YAML, no flavours, or a file that is not there.
Result<void> import_mlmodel(std::string_view text, std::span<const model::PackageFile> files,
                            model::Manifest& manifest);

}  // namespace slipway::package_reader
