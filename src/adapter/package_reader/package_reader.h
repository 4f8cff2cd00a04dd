// The PackageReader of this house: archives through libarchive, manifests through yaml-cpp, ONNX by our own reader.
#pragma once

#include <memory>

#include "ports/package_reader.h"

namespace slipway::package_reader {

std::unique_ptr<ports::PackageReader> make_package_reader(const ports::PackageLimits& limits = {});

}  // namespace slipway::package_reader
