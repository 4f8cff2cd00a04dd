// A tensor's elements as protobuf's InferTensorContents: the one decoder of typed contents.
#pragma once

#include "adapter/codec/arena.h"
#include "base/result.h"
#include "domain/tensor/tensor.h"

namespace slipway::codec {

// Reads the serialised InferTensorContents of a tensor in row-major order. The result lies in `arena`, aligned, as
// TensorView wants it. InvalidInput: elements in the field of another datatype, another number of elements than the
// shape asks for, an integer beyond its type, FP16 and BF16 (which have no field), malformed protobuf.
// Requires: no negative dimension in `declared.shape`; its `data` is not used.
Result<ByteSpan> read_typed_contents(ByteSpan contents, const tensor::TensorView& declared, Arena& arena);

}  // namespace slipway::codec
