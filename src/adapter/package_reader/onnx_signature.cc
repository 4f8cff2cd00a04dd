#include "adapter/package_reader/onnx_signature.h"

#include <optional>

#include "adapter/package_reader/onnx_tensor.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

using tensor::DataType;

std::optional<DataType> data_type_of(std::uint64_t onnx) {
  switch (onnx) {
    case 1:
      return DataType::FP32;
    case 2:
      return DataType::UInt8;
    case 3:
      return DataType::Int8;
    case 4:
      return DataType::UInt16;
    case 5:
      return DataType::Int16;
    case 6:
      return DataType::Int32;
    case 7:
      return DataType::Int64;
    case 8:
      return DataType::Bytes;
    case 9:
      return DataType::Bool;
    case 10:
      return DataType::FP16;
    case 11:
      return DataType::FP64;
    case 12:
      return DataType::UInt32;
    case 13:
      return DataType::UInt64;
    case 16:
      return DataType::BF16;
    default:
      return std::nullopt;
  }
}

std::string_view onnx_type_name(std::uint64_t onnx) {
  switch (onnx) {
    case 14:
      return "complex64";
    case 15:
      return "complex128";
    case 17:
    case 18:
    case 19:
    case 20:
    case 24:
      return "an 8-bit float";
    case 21:
    case 22:
      return "a 4-bit integer";
    default:
      return "an unknown type";
  }
}

// TensorShapeProto.Dimension: -1 where it is a name, absent or negative.
Result<std::int64_t> read_dimension(const WireField& message) {
  WireReader reader(message.bytes, message.offset);
  Once once;
  std::int64_t size = tensor::kFreeDimension;
  while (const auto field = TRY(reader.next())) {
    if (field->number != 1) continue;
    TRY(once.check(*field));
    TRY(expect_type(*field, WireType::Varint));
    size = static_cast<std::int64_t>(field->value);
  }
  return size < 0 ? tensor::kFreeDimension : size;
}

Result<tensor::Shape> read_shape(const WireField& message) {
  WireReader reader(message.bytes, message.offset);
  tensor::Shape shape;
  std::size_t rank = 0;
  while (const auto field = TRY(reader.next())) {
    if (field->number != 1) continue;
    TRY(expect_type(*field, WireType::Length));
    ++rank;
    shape.append(TRY(read_dimension(*field)));
  }
  if (rank > tensor::kMaxRank) {
    return invalid_input("it has " + std::to_string(rank) + " dimensions, expected at most " +
                         std::to_string(tensor::kMaxRank));
  }
  return shape;
}

Result<void> read_tensor_type(const WireField& message, OnnxTensor& tensor) {
  WireReader reader(message.bytes, message.offset);
  Once once;
  std::uint64_t type = 0;
  tensor.rank_is_known = false;
  while (const auto field = TRY(reader.next())) {
    TRY(once.check(*field));
    if (field->number == 1) {
      TRY(expect_type(*field, WireType::Varint));
      type = field->value;
    } else if (field->number == 2) {
      TRY(expect_type(*field, WireType::Length));
      tensor.spec.shape = TRY(read_shape(*field));
      tensor.rank_is_known = true;
    }
  }
  const auto known = data_type_of(type);
  if (!known) {
    return invalid_input("its elements are " + std::string(onnx_type_name(type)) +
                         ", which the Open Inference Protocol cannot carry; add a Cast to the model");
  }
  tensor.spec.datatype = *known;
  return {};
}

Error not_a_tensor(std::string_view what, std::string_view advice) {
  return invalid_input("it is " + std::string(what) + ", expected a tensor; " + std::string(advice));
}

// TypeProto.
Result<void> read_type(const WireField& message, OnnxTensor& tensor) {
  constexpr std::string_view kZipMap =
      "export classifiers without ZipMap (skl2onnx: options={'zipmap': False}; onnxmltools: zipmap=False)";
  WireReader reader(message.bytes, message.offset);
  Once once;
  bool found = false;
  while (const auto field = TRY(reader.next())) {
    TRY(once.check(*field));
    switch (field->number) {
      case 1:
        TRY(expect_type(*field, WireType::Length));
        TRY(read_tensor_type(*field, tensor));
        found = true;
        break;
      case 4:
        return not_a_tensor("a sequence", kZipMap);
      case 5:
        return not_a_tensor("a map", kZipMap);
      case 7:
        return not_a_tensor("of an opaque type", "only the engine that made it knows what it is");
      case 8:
        return not_a_tensor("a sparse tensor", "make it dense in the model");
      case 9:
        return not_a_tensor("of an optional type", "take the optional type out of the model's interface");
      default:
        break;
    }
  }
  if (!found) return invalid_input("it has no type; run onnx.shape_inference.infer_shapes on the model");
  return {};
}

}  // namespace

Result<std::string_view> read_value_name(const WireField& message) {
  TRY(expect_type(message, WireType::Length));
  WireReader reader(message.bytes, message.offset);
  Once once;
  std::string_view name;
  while (const auto field = TRY(reader.next())) {
    if (field->number != 1) continue;
    TRY(once.check(*field));
    TRY(expect_type(*field, WireType::Length));
    name = field->text();
  }
  return name;
}

Result<OnnxTensor> read_value_info(const WireField& message, std::string_view kind) {
  OnnxTensor tensor;
  tensor.spec.name = TRY(read_value_name(message));
  const std::string where = std::string(kind) + " \"" + printable(tensor.spec.name) + "\"";
  if (tensor.spec.name.empty()) return invalid_input("an " + std::string(kind) + " has no name");
  if (!is_valid_utf8(tensor.spec.name) || has_control_characters(tensor.spec.name) || tensor.spec.name.size() > 1024) {
    return invalid_input(where + ": expected a name of at most 1024 bytes of UTF-8 without control characters");
  }
  WireReader reader(message.bytes, message.offset);
  bool typed = false;
  while (const auto field = TRY(reader.next())) {
    if (field->number != 2) continue;
    if (typed) return invalid_input(where + ": its type is there twice");
    TRY(expect_type(*field, WireType::Length));
    const auto read = read_type(*field, tensor);
    if (!read.ok()) return Error(read.error()).within(where);
    typed = true;
  }
  if (!typed) return invalid_input(where + ": it has no type; run onnx.shape_inference.infer_shapes on the model");
  return tensor;
}

}  // namespace slipway::package_reader
