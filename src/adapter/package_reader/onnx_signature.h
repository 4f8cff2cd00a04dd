// The inputs and outputs of an ONNX graph (ValueInfoProto) as tensors of a signature.
#pragma once

#include <string_view>

#include "adapter/package_reader/onnx_check.h"
#include "adapter/protobuf_wire/wire_reader.h"

namespace slipway::package_reader {

using protobuf_wire::WireField;

// `kind` is "input" or "output". InvalidInput names the tensor and says what to do about a type that cannot be served.
Result<OnnxTensor> read_value_info(const WireField& message, std::string_view kind);

// Only the name.
Result<std::string_view> read_value_name(const WireField& message);

}  // namespace slipway::package_reader
