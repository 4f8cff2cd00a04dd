// BYTES tensors: ONNX Runtime keeps strings of its own; ours are length-prefixed bytes (backend_abi.h).
#pragma once

#include <vector>

#include "onnxruntime/library.h"

namespace slipway::onnx {

// A string tensor with a copy of `tensor`'s elements, which may contain any byte, NUL included.
Owned<OrtValue> text_value(const slipway_tensor& tensor);

// The `elements` strings of `value`, length-prefixed. out.data() is never null.
void write_text(const OrtValue* value, std::size_t elements, std::vector<std::byte>& out);

}  // namespace slipway::onnx
