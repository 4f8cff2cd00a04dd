// A manifest as canonical YAML: the same value always gives the same text, and reading it gives the value back.
#pragma once

#include <string>

#include "domain/model/manifest.h"

namespace slipway::package_reader {

// Requires: a manifest as complete() returns it.
std::string write_manifest(const model::Manifest& manifest);

}  // namespace slipway::package_reader
