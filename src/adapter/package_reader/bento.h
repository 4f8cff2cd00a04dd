// Bentos (BentoML's archives): what bento.yaml says of them. Their files are kept as they are; none of them is opened.
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/model/manifest.h"

namespace slipway::package_reader {

inline constexpr std::string_view kBentoFile = "bento.yaml";

// Takes name and labels from the file's text: its own labels, and "bentoml.version", "bentoml.service",
// "bentoml.models", "bentoml.apis" and the like; the format is "bentoml". InvalidInput: no YAML of that form, or a text
// that is too long or has control characters.
Result<void> import_bento(std::string_view text, model::Manifest& manifest);

}  // namespace slipway::package_reader
