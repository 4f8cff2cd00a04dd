#include <cstring>

#include "adapter/codec/json_tensor.h"
#include "adapter/codec/number_text.h"
#include "base/text.h"
#include "domain/tensor/half.h"

namespace slipway::codec {
namespace {

using tensor::DataType;

// Elements are turned into text here and appended to the answer in large pieces.
template <class Element, class Widen>
void append_numbers(std::string& out, ByteSpan data, Widen widen) {
  constexpr std::size_t kBuffer = 1024;
  char buffer[kBuffer];
  char* at = buffer;
  const std::size_t count = data.size() / sizeof(Element);
  for (std::size_t i = 0; i < count; ++i) {
    Element element;
    std::memcpy(&element, data.data() + i * sizeof element, sizeof element);
    if (i != 0) *at++ = ',';
    at = write_number(at, widen(element));
    if (static_cast<std::size_t>(at - buffer) > kBuffer - kMaxNumberText - 1) {
      out.append(buffer, static_cast<std::size_t>(at - buffer));
      at = buffer;
    }
  }
  out.append(buffer, static_cast<std::size_t>(at - buffer));
}

template <class Element>
void append_integers(std::string& out, ByteSpan data) {
  using Wide = std::conditional_t<std::is_signed_v<Element>, std::int64_t, std::uint64_t>;
  append_numbers<Element>(out, data, [](Element element) { return static_cast<Wide>(element); });
}

void append_booleans(std::string& out, ByteSpan data) {
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (i != 0) out += ',';
    out += data[i] != std::byte{0} ? "true" : "false";
  }
}

void append_strings(std::string& out, ByteSpan data) {
  for (bool first = true; !data.empty(); first = false) {
    const tensor::BytesElement element = tensor::next_bytes_element(data);
    if (!first) out += ',';
    append_json_string(out, element.text);
    data = element.rest;
  }
}

}  // namespace

void append_json_elements(std::string& out, const tensor::TensorView& view) {
  out += '[';
  switch (view.datatype) {
    case DataType::Bool:
      append_booleans(out, view.data);
      break;
    case DataType::UInt8:
      append_integers<std::uint8_t>(out, view.data);
      break;
    case DataType::UInt16:
      append_integers<std::uint16_t>(out, view.data);
      break;
    case DataType::UInt32:
      append_integers<std::uint32_t>(out, view.data);
      break;
    case DataType::UInt64:
      append_integers<std::uint64_t>(out, view.data);
      break;
    case DataType::Int8:
      append_integers<std::int8_t>(out, view.data);
      break;
    case DataType::Int16:
      append_integers<std::int16_t>(out, view.data);
      break;
    case DataType::Int32:
      append_integers<std::int32_t>(out, view.data);
      break;
    case DataType::Int64:
      append_integers<std::int64_t>(out, view.data);
      break;
    case DataType::FP16:
      append_numbers<std::uint16_t>(out, view.data, tensor::fp16_to_float);
      break;
    case DataType::BF16:
      append_numbers<std::uint16_t>(out, view.data, tensor::bf16_to_float);
      break;
    case DataType::FP32:
      append_numbers<float>(out, view.data, [](float value) { return value; });
      break;
    case DataType::FP64:
      append_numbers<double>(out, view.data, [](double value) { return value; });
      break;
    case DataType::Bytes:
      append_strings(out, view.data);
      break;
  }
  out += ']';
}

void append_json_shape(std::string& out, const tensor::Shape& shape) {
  char text[kMaxNumberText];
  out += '[';
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (i != 0) out += ',';
    out.append(text, static_cast<std::size_t>(write_number(text, shape[i]) - text));
  }
  out += ']';
}

}  // namespace slipway::codec
