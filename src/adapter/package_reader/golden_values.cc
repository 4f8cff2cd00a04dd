#include "adapter/package_reader/golden_values.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "domain/tensor/half.h"

namespace slipway::package_reader {
namespace {

using tensor::DataType;
using yaml::Field;
using yaml::Kind;
using yaml::Node;

template <class Value>
void append_bits(std::vector<std::byte>& data, Value value) {
  static_assert(std::endian::native == std::endian::little);
  const std::size_t at = data.size();
  data.resize(at + sizeof value);
  std::memcpy(data.data() + at, &value, sizeof value);
}

template <class Integer>
bool append_integer(std::vector<std::byte>& data, std::string_view text) {
  const auto value = yaml::parse_integer(text);
  if (!value || !std::in_range<Integer>(*value)) return false;
  append_bits(data, static_cast<Integer>(*value));
  return true;
}

bool append_half(std::vector<std::byte>& data, std::string_view text, std::uint16_t (*convert)(float),
                 float (*back)(std::uint16_t)) {
  const auto value = yaml::parse_float(text);
  if (!value) return false;
  const std::uint16_t bits = convert(*value);
  if (std::isinf(back(bits)) && !std::isinf(*value)) return false;  // beyond the type
  append_bits(data, bits);
  return true;
}

template <class Value>
bool append_value(std::vector<std::byte>& data, std::optional<Value> value) {
  if (value) append_bits(data, *value);
  return value.has_value();
}

// False when the text is no value of the type. Requires: a scalar; quoted only for BYTES.
bool append_element(std::vector<std::byte>& data, DataType type, const std::string& text) {
  switch (type) {
    case DataType::Bool:
      if (text != "true" && text != "false") return false;
      append_bits(data, static_cast<std::uint8_t>(text == "true"));
      return true;
    case DataType::UInt8:
      return append_integer<std::uint8_t>(data, text);
    case DataType::UInt16:
      return append_integer<std::uint16_t>(data, text);
    case DataType::UInt32:
      return append_integer<std::uint32_t>(data, text);
    case DataType::UInt64:
      return append_value(data, yaml::parse_unsigned(text));
    case DataType::Int8:
      return append_integer<std::int8_t>(data, text);
    case DataType::Int16:
      return append_integer<std::int16_t>(data, text);
    case DataType::Int32:
      return append_integer<std::int32_t>(data, text);
    case DataType::Int64:
      return append_value(data, yaml::parse_integer(text));
    case DataType::FP16:
      return append_half(data, text, tensor::float_to_fp16, tensor::fp16_to_float);
    case DataType::BF16:
      return append_half(data, text, tensor::float_to_bf16, tensor::bf16_to_float);
    case DataType::FP32:
      return append_value(data, yaml::parse_float(text));
    case DataType::FP64:
      return append_value(data, yaml::parse_double(text));
    case DataType::Bytes:
      tensor::append_bytes_element(data, text);
      return true;
  }
  return false;
}

std::string element_form(DataType type) {
  const std::string name(tensor::name_of(type));
  switch (type) {
    case DataType::Bool:
      return "true or false";
    case DataType::Bytes:
      return "text";
    case DataType::FP16:
    case DataType::BF16:
    case DataType::FP32:
    case DataType::FP64:
      return "a number that fits " + name;
    case DataType::UInt8:
    case DataType::UInt16:
    case DataType::UInt32:
    case DataType::UInt64:
    case DataType::Int8:
    case DataType::Int16:
    case DataType::Int32:
    case DataType::Int64:
      return "a whole number that fits " + name;
  }
  return name;
}

// Walks nested lists, filling in the free dimensions. Paths are made only when something is wrong.
class NestedLists {
 public:
  NestedLists(const Field& field, const tensor::TensorSpec& spec) : field_(field), spec_(spec) {
    tensor_.name = spec.name;
    tensor_.datatype = spec.datatype;
    tensor_.shape = spec.shape;
  }

  Result<tensor::Tensor> read() {
    TRY(read_level(field_.node(), 0));
    return std::move(tensor_);
  }

 private:
  Result<void> read_level(const Node& node, std::size_t level) {
    if (level == spec_.shape.rank()) return read_element(node, level);
    if (node.kind != Kind::Sequence) return wrong(node, level, "expected a list, found " + yaml::describe(node));
    const auto size = static_cast<std::int64_t>(node.items.size());
    if (size == 0) return wrong(node, level, "expected at least one element, found an empty list");
    if (tensor_.shape[level] == tensor::kFreeDimension) tensor_.shape.set(level, size);
    if (tensor_.shape[level] != size) {
      return wrong(node, level,
                   "expected " + std::to_string(tensor_.shape[level]) + " elements (shape " + spec_.shape.to_string() +
                       "), found " + std::to_string(size));
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      index_[level] = i;
      TRY(read_level(node.items[i], level + 1));
    }
    return {};
  }

  Result<void> read_element(const Node& node, std::size_t level) {
    const bool may_be = node.kind == Kind::Scalar && (!node.quoted || spec_.datatype == DataType::Bytes);
    if (may_be && append_element(tensor_.data, spec_.datatype, node.scalar)) return {};
    return wrong(node, level, "expected " + element_form(spec_.datatype) + ", found " + yaml::describe(node));
  }

  Error wrong(const Node& node, std::size_t level, const std::string& message) const {
    std::string path = field_.path();
    for (std::size_t i = 0; i < level; ++i) path += "[" + std::to_string(index_[i]) + "]";
    return field_.at(node, path).wrong(message);
  }

  const Field& field_;
  const tensor::TensorSpec& spec_;
  tensor::Tensor tensor_;
  std::array<std::size_t, tensor::kMaxRank> index_{};
};

template <class Value>
Value take(ByteSpan& data) {
  Value value;
  std::memcpy(&value, data.data(), sizeof value);
  data = data.subspan(sizeof value);
  return value;
}

template <class Number>
void append_number(std::string& out, Number value) {
  if constexpr (std::is_floating_point_v<Number>) {
    if (std::isnan(value)) {
      out += ".nan";
      return;
    }
    if (std::isinf(value)) {
      out += value > 0 ? ".inf" : "-.inf";
      return;
    }
  }
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void append_next(std::string& out, DataType type, ByteSpan& data) {
  switch (type) {
    case DataType::Bool:
      out += take<std::uint8_t>(data) != 0 ? "true" : "false";
      return;
    case DataType::UInt8:
      return append_number(out, static_cast<unsigned>(take<std::uint8_t>(data)));
    case DataType::UInt16:
      return append_number(out, take<std::uint16_t>(data));
    case DataType::UInt32:
      return append_number(out, take<std::uint32_t>(data));
    case DataType::UInt64:
      return append_number(out, take<std::uint64_t>(data));
    case DataType::Int8:
      return append_number(out, static_cast<int>(take<std::int8_t>(data)));
    case DataType::Int16:
      return append_number(out, take<std::int16_t>(data));
    case DataType::Int32:
      return append_number(out, take<std::int32_t>(data));
    case DataType::Int64:
      return append_number(out, take<std::int64_t>(data));
    case DataType::FP16:
      return append_number(out, tensor::fp16_to_float(take<std::uint16_t>(data)));
    case DataType::BF16:
      return append_number(out, tensor::bf16_to_float(take<std::uint16_t>(data)));
    case DataType::FP32:
      return append_number(out, take<float>(data));
    case DataType::FP64:
      return append_number(out, take<double>(data));
    case DataType::Bytes: {
      const tensor::BytesElement element = tensor::next_bytes_element(data);
      data = element.rest;
      append_json_string(out, element.text);
      return;
    }
  }
}

void append_level(std::string& out, const tensor::TensorView& tensor, std::size_t level, ByteSpan& data) {
  if (level == tensor.shape.rank()) return append_next(out, tensor.datatype, data);
  out += '[';
  for (std::int64_t i = 0; i < tensor.shape[level]; ++i) {
    if (i > 0) out += ", ";
    append_level(out, tensor, level + 1, data);
  }
  out += ']';
}

}  // namespace

Result<tensor::Tensor> read_tensor_values(const Field& field, const tensor::TensorSpec& spec) {
  return NestedLists(field, spec).read();
}

void append_tensor_values(std::string& out, const tensor::TensorView& tensor) {
  ByteSpan data = tensor.data;
  append_level(out, tensor, 0, data);
}

}  // namespace slipway::package_reader
