// Model archives of TorchServe (.mar): what MAR-INF/MANIFEST.json says of them. Their files are kept as they are; none
// of them is opened.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "domain/model/manifest.h"

namespace slipway::package_reader {

inline constexpr std::string_view kArchiveManifestFile = "MAR-INF/MANIFEST.json";

// Takes name, main file and labels ("torchserve.handler", "torchserve.model_version", ...) from the manifest's text;
// the format is "torchserve". InvalidInput: no JSON of that form, a text that is too long or has control characters, or
// a model file that is not in the archive.
Result<void> import_model_archive(std::string_view text, std::span<const model::PackageFile> files,
                                  model::Manifest& manifest);

}  // namespace slipway::package_reader
