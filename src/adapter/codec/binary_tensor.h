// Tensors as raw little-endian bytes: the one decoder and the one encoder of every protocol that carries them so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/tensor/tensor.h"

namespace slipway::codec {

// The bytes that follow a JSON header, cut into tensors in their order. A value; borrows the bytes.
class BinarySection {
 public:
  explicit BinarySection(ByteSpan bytes) : left_(bytes) {}

  // The next `size` bytes. InvalidInput names the tensor, what it claims and what is left.
  Result<ByteSpan> take(std::string_view tensor, std::uint64_t size);
  // InvalidInput if bytes are left that no tensor claims.
  Result<void> finish() const;

 private:
  ByteSpan left_;
};

// Holds the data against datatype and shape: lengths, BYTES elements, BOOL only 0 and 1. They may lie anywhere: who
// executes aligns them, so that a request that is kept for later is copied once.
Result<void> check_binary(const tensor::TensorView& view);

void append_binary(std::string& out, const tensor::TensorView& view);

}  // namespace slipway::codec
