#include "service/validation/comparison.h"

#include <cmath>
#include <cstring>
#include <string>

#include "domain/tensor/half.h"

namespace slipway::validation {
namespace {

using tensor::DataType;

template <class T>
T element(ByteSpan data, std::uint64_t index) {
  T value;
  std::memcpy(&value, data.data() + index * sizeof(T), sizeof(T));
  return value;
}

bool is_floating(DataType type) {
  return type == DataType::FP16 || type == DataType::BF16 || type == DataType::FP32 || type == DataType::FP64;
}

double floating_element(DataType type, ByteSpan data, std::uint64_t index) {
  if (type == DataType::FP64) return element<double>(data, index);
  if (type == DataType::FP32) return element<float>(data, index);
  const auto half = element<std::uint16_t>(data, index);
  return type == DataType::FP16 ? tensor::fp16_to_float(half) : tensor::bf16_to_float(half);
}

bool is_close(double expected, double found, Tolerance tolerance) {
  if (std::isnan(expected) || std::isnan(found)) return std::isnan(expected) && std::isnan(found);
  if (std::isinf(expected) || std::isinf(found)) return expected == found;
  return std::abs(found - expected) <= tolerance.absolute + tolerance.relative * std::abs(expected);
}

Error differs(const tensor::TensorView& expected, std::uint64_t index, const std::string& a, const std::string& b) {
  return invalid_input("output \"" + std::string(expected.name) + "\", element " + std::to_string(index) +
                       ": expected " + a + ", found " + b);
}

std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

Result<void> compare_bytes(const tensor::TensorView& expected, const tensor::TensorView& found, std::uint64_t count) {
  ByteSpan left = expected.data;
  ByteSpan right = found.data;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto a = tensor::next_bytes_element(left);
    const auto b = tensor::next_bytes_element(right);
    if (a.text != b.text)
      return differs(expected, i, "\"" + std::string(a.text) + "\"", "\"" + std::string(b.text) + "\"");
    left = a.rest;
    right = b.rest;
  }
  return {};
}

}  // namespace

Tolerance batch_tolerance(DataType type) {
  if (type == DataType::FP16) return {1e-3, 1e-2};
  if (type == DataType::BF16) return {1e-2, 2e-2};
  return {1e-5, 1e-4};
}

Result<void> compare(const tensor::TensorView& expected, const tensor::TensorView& found, Tolerance tolerance) {
  const std::string name = "output \"" + std::string(expected.name) + "\"";
  if (expected.datatype != found.datatype) {
    return invalid_input(name + ": expected " + std::string(tensor::name_of(expected.datatype)) + ", found " +
                         std::string(tensor::name_of(found.datatype)));
  }
  if (!(expected.shape == found.shape)) {
    return invalid_input(name + ": expected shape " + expected.shape.to_string() + ", found " +
                         found.shape.to_string());
  }
  const std::uint64_t count = expected.shape.element_count().value_or(0);
  if (expected.datatype == DataType::Bytes) return compare_bytes(expected, found, count);
  if (!is_floating(expected.datatype)) {
    const std::size_t size = tensor::element_size(expected.datatype);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (std::memcmp(expected.data.data() + i * size, found.data.data() + i * size, size) == 0) continue;
      std::int64_t a = 0;
      std::int64_t b = 0;
      std::memcpy(&a, expected.data.data() + i * size, size);
      std::memcpy(&b, found.data.data() + i * size, size);
      return differs(expected, i, std::to_string(a), std::to_string(b));
    }
    return {};
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const double a = floating_element(expected.datatype, expected.data, i);
    const double b = floating_element(found.datatype, found.data, i);
    if (!is_close(a, b, tolerance)) return differs(expected, i, text_of(a), text_of(b));
  }
  return {};
}

}  // namespace slipway::validation
