// OnnxFile: writes small ONNX models for tests, straight into protobuf's wire format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::contract {

// ONNX's TensorProto.DataType.
enum class OnnxType : std::uint8_t {
  Float = 1,
  UInt8,
  Int8,
  UInt16,
  Int16,
  Int32,
  Int64,
  String,
  Bool,
  Float16,
  Double,
  UInt32,
  UInt64,
  BFloat16 = 16,
};

// One file. Dimensions below 0 become the symbolic dimension "N".
class OnnxFile {
 public:
  using Shape = std::vector<std::int64_t>;
  OnnxFile& input(std::string_view name, OnnxType type, const Shape& shape);
  OnnxFile& output(std::string_view name, OnnxType type, const Shape& shape);
  OnnxFile& sequence_output(std::string_view name, OnnxType type);
  OnnxFile& node(std::string_view op, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs);
  OnnxFile& initializer(std::string_view name, OnnxType type, const Shape& shape, std::string_view raw);
  OnnxFile& external_initializer(std::string_view name, OnnxType type, const Shape& shape, std::string_view location);
  std::string bytes() const;

 private:
  std::string graph_;
};

}  // namespace slipway::contract
