// The element types of the Open Inference Protocol v2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway::tensor {

// The values are those of the backend ABI (include/slipway/backend_abi.h).
enum class DataType : std::uint8_t {
  Bool = 1,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Int8,
  Int16,
  Int32,
  Int64,
  FP16,
  FP32,
  FP64,
  Bytes,  // strings: each element is a 32-bit little-endian length followed by that many bytes
  BF16,
};

// "FP32", "BYTES", ...: the protocol's spelling.
std::string_view name_of(DataType type);
// Exact, case-sensitive, as the protocol asks.
std::optional<DataType> parse_data_type(std::string_view name);
// Bytes per element; 0 for Bytes, whose elements vary.
std::size_t element_size(DataType type);

}  // namespace slipway::tensor
