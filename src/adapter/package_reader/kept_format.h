// Formats whose packages are registered and kept, but have no backend yet: they are never served.
#pragma once

#include <string_view>

namespace slipway::package_reader {

// The flavours of MLflow that are no ONNX, TorchServe's archives and BentoML's bentos.
bool is_kept_format(std::string_view format);

}  // namespace slipway::package_reader
