#include "service/validation/sample_rows.h"

#include <cstring>

#include "domain/tensor/half.h"

namespace slipway::validation {
namespace {

using tensor::DataType;

constexpr std::int64_t kFreeSize = 8;  // of a free dimension other than the first, when no golden example decides it

// SplitMix64 (Steele, Lea, Flood 2014): a good 64-bit value from a counter.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

template <class T>
void append(std::vector<std::byte>& out, T value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

double within(const tensor::TensorSpec& spec, std::uint64_t element, double unit) {
  if (spec.ranges.empty()) return unit;
  const auto& range = spec.ranges[spec.ranges.size() == 1 ? 0 : element % spec.ranges.size()];
  return range ? range->low + unit * (range->high - range->low) : unit;
}

// Integers stay 0 or 1 without a range: they are often indices, and those always exist.
void append_element(std::vector<std::byte>& out, const tensor::TensorSpec& spec, std::uint64_t element,
                    std::uint64_t bits) {
  const double unit = static_cast<double>(bits >> 11) * 0x1.0p-53;
  const double value = within(spec, element, unit);
  const auto whole = static_cast<std::int64_t>(spec.ranges.empty() ? static_cast<double>(bits & 1) : value);
  switch (spec.datatype) {
    case DataType::Bool:
      return append(out, static_cast<std::uint8_t>(bits & 1));
    case DataType::UInt8:
      return append(out, static_cast<std::uint8_t>(whole));
    case DataType::Int8:
      return append(out, static_cast<std::int8_t>(whole));
    case DataType::UInt16:
      return append(out, static_cast<std::uint16_t>(whole));
    case DataType::Int16:
      return append(out, static_cast<std::int16_t>(whole));
    case DataType::UInt32:
      return append(out, static_cast<std::uint32_t>(whole));
    case DataType::Int32:
      return append(out, static_cast<std::int32_t>(whole));
    case DataType::UInt64:
      return append(out, static_cast<std::uint64_t>(whole));
    case DataType::Int64:
      return append(out, whole);
    case DataType::FP16:
      return append(out, tensor::float_to_fp16(static_cast<float>(value)));
    case DataType::BF16:
      return append(out, tensor::float_to_bf16(static_cast<float>(value)));
    case DataType::FP32:
      return append(out, static_cast<float>(value));
    case DataType::FP64:
      return append(out, value);
    case DataType::Bytes:
      return tensor::append_bytes_element(out, bits & 1 ? "a" : "b");
  }
}

}  // namespace

SampleRows::SampleRows(const model::Manifest& manifest)
    : manifest_(manifest), has_rows_(tensor::has_batch_dimension(manifest.signature)) {
  const model::GoldenExample* example = manifest.golden.empty() ? nullptr : &manifest.golden.front();
  for (const tensor::TensorSpec& spec : manifest.signature.inputs) {
    tensor::Shape shape = spec.shape;
    for (std::size_t i = 0; i < shape.rank(); ++i) {
      if (shape[i] == tensor::kFreeDimension) shape.set(i, kFreeSize);
    }
    if (example) {
      for (const tensor::Tensor& input : example->inputs) {
        if (input.name == spec.name) shape = input.shape;
      }
    }
    if (has_rows_) shape.set(0, 1);
    row_shapes_.push_back(shape);
  }
  for (const model::GoldenExample& golden : manifest.golden) {
    const std::uint64_t rows =
        has_rows_ && !golden.inputs.empty() ? static_cast<std::uint64_t>(golden.inputs[0].shape[0]) : 1;
    for (std::uint64_t row = 0; row < rows; ++row) {
      std::vector<std::vector<std::byte>> inputs(manifest.signature.inputs.size());
      bool fits = golden.inputs.size() == inputs.size();
      for (const tensor::Tensor& input : golden.inputs) {
        const auto index = manifest.signature.input_index(input.name);
        if (!index) continue;
        tensor::Shape shape = input.shape;
        if (has_rows_) shape.set(0, 1);
        fits = fits && shape == row_shapes_[*index];
        const ByteSpan bytes = has_rows_ ? tensor::rows_of(input.view(), row, 1) : ByteSpan(input.data);
        inputs[*index].assign(bytes.begin(), bytes.end());
      }
      if (fits) golden_.push_back(std::move(inputs));
    }
  }
}

tensor::Tensor SampleRows::make(const tensor::TensorSpec& spec, std::uint64_t row) const {
  const std::size_t index = *manifest_.signature.input_index(spec.name);
  tensor::Tensor made{spec.name, spec.datatype, row_shapes_[index], {}};
  if (row < golden_.size()) {
    made.data = golden_[row][index];
    return made;
  }
  const std::uint64_t count = made.shape.element_count().value_or(0);
  for (std::uint64_t i = 0; i < count; ++i) append_element(made.data, spec, i, mix(row * 0x100000001b3ULL + i));
  return made;
}

std::vector<tensor::Tensor> SampleRows::batch(std::span<const std::uint64_t> rows) const {
  std::vector<tensor::Tensor> inputs;
  for (const tensor::TensorSpec& spec : manifest_.signature.inputs) {
    if (spec.optional) continue;
    tensor::Tensor whole = make(spec, rows.front());
    if (has_rows_) {
      for (const std::uint64_t row : rows.subspan(1)) {
        const tensor::Tensor next = make(spec, row);
        whole.data.insert(whole.data.end(), next.data.begin(), next.data.end());
      }
      whole.shape.set(0, static_cast<std::int64_t>(rows.size()));
    }
    inputs.push_back(std::move(whole));
  }
  return inputs;
}

}  // namespace slipway::validation
