// Class labels that an ONNX file tells: the classifiers of ai.onnx.ml carry them as attributes.
#pragma once

#include <vector>

#include "adapter/package_reader/onnx_check.h"
#include "adapter/protobuf_wire/wire_reader.h"

namespace slipway::package_reader {

// Fills in the labels of outputs that a classifier of the main graph makes, directly or through operators that keep the
// classes in their places (Identity, Cast, Normalizer, Softmax, LogSoftmax, Sigmoid):
// - scores, one column per class: the class names, or the class numbers as text;
// - class numbers, if they are 0, 1, 2, ...: those numbers as text. Names come out of the model as they are.
// Anything less clear stays without labels: duplicates, another number of columns; so do names that no manifest could
// hold, and more than 256 KiB of them.
// `graph` is a GraphProto. Requires: checked. InvalidInput: malformed.
Result<void> derive_labels(const protobuf_wire::WireField& graph, std::vector<OnnxTensor>& outputs);

}  // namespace slipway::package_reader
