#include "domain/tensor/sample.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "domain/tensor/half.h"

namespace slipway::tensor {
namespace {

// A hash of its place decides a value (SplitMix64's finisher, Steele, Lea, Flood 2014): [0, 1).
double fraction_at(std::uint64_t seed, std::uint64_t input, std::uint64_t element) {
  std::uint64_t z = seed + 0x9e3779b97f4a7c15 * (element + 1) + (input << 48);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

template <class T>
void append(std::vector<std::byte>& out, T value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

template <class T>
void append_integer(std::vector<std::byte>& out, double value) {
  const double low = static_cast<double>(std::numeric_limits<T>::min());
  const double high = static_cast<double>(std::numeric_limits<T>::max());
  append(out, value >= high ? std::numeric_limits<T>::max() : static_cast<T>(std::max(low, std::round(value))));
}

void append_value(std::vector<std::byte>& out, DataType type, double value) {
  switch (type) {
    case DataType::Bool:
      return append(out, static_cast<std::uint8_t>(value >= 0.5));
    case DataType::UInt8:
      return append_integer<std::uint8_t>(out, value);
    case DataType::UInt16:
      return append_integer<std::uint16_t>(out, value);
    case DataType::UInt32:
      return append_integer<std::uint32_t>(out, value);
    case DataType::UInt64:
      return append_integer<std::uint64_t>(out, value);
    case DataType::Int8:
      return append_integer<std::int8_t>(out, value);
    case DataType::Int16:
      return append_integer<std::int16_t>(out, value);
    case DataType::Int32:
      return append_integer<std::int32_t>(out, value);
    case DataType::Int64:
      return append_integer<std::int64_t>(out, value);
    case DataType::FP16:
      return append(out, float_to_fp16(static_cast<float>(value)));
    case DataType::BF16:
      return append(out, float_to_bf16(static_cast<float>(value)));
    case DataType::FP32:
      return append(out, static_cast<float>(value));
    case DataType::FP64:
      return append(out, value);
    case DataType::Bytes:
      return append_bytes_element(out, std::to_string(static_cast<int>(value >= 0.5)));
  }
}

std::optional<ValueRange> range_of(const TensorSpec& spec, std::uint64_t element) {
  if (spec.ranges.empty()) return std::nullopt;
  return spec.ranges.size() == 1 ? spec.ranges[0] : spec.ranges[element % spec.ranges.size()];
}

}  // namespace

std::vector<Tensor> sample_inputs(const Signature& signature, std::uint64_t rows, std::uint64_t seed) {
  std::vector<Tensor> made;
  for (std::size_t input = 0; input < signature.inputs.size(); ++input) {
    const TensorSpec& spec = signature.inputs[input];
    if (spec.optional) continue;
    Tensor tensor{spec.name, spec.datatype, spec.shape, {}};
    for (std::size_t i = 0; i < spec.shape.rank(); ++i) {
      if (spec.shape[i] == kFreeDimension) tensor.shape.set(i, i == 0 ? static_cast<std::int64_t>(rows) : 1);
    }
    const std::uint64_t count = tensor.shape.element_count().value_or(0);
    for (std::uint64_t i = 0; i < count; ++i) {
      const double fraction = fraction_at(seed, input, i);
      const auto range = range_of(spec, i);
      append_value(tensor.data, spec.datatype, range ? range->low + fraction * (range->high - range->low) : fraction);
    }
    made.push_back(std::move(tensor));
  }
  return made;
}

}  // namespace slipway::tensor
