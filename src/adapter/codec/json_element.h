// Single elements of tensors as JSON values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "adapter/codec/json_reader.h"
#include "domain/tensor/data_type.h"

namespace slipway::codec {

// All of them: false if the reader failed, which says what `type` takes and what was found. What is beyond FP32, FP16
// and BF16 is infinity; what is beyond FP64 is refused.
bool read_json_float_slowly(JsonReader& reader, tensor::DataType type, float& out);
[[gnu::always_inline]] inline bool read_json_float(JsonReader& reader, tensor::DataType type, float& out) {
  if (const auto plain = reader.plain_float()) [[likely]] {
    out = *plain;
    return true;
  }
  return read_json_float_slowly(reader, type, out);
}
bool read_json_double(JsonReader& reader, double& out);

// For the eight integer types.
template <class Integer>
bool read_json_integer(JsonReader& reader, tensor::DataType type, Integer& out);

// One element as a tensor's data hold it. Requires: `type` is not BYTES, `out` has room for element_size(type).
bool read_json_element(JsonReader& reader, tensor::DataType type, std::byte* out);

}  // namespace slipway::codec
