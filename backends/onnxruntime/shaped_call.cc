#include "onnxruntime/shaped_call.h"

#include <algorithm>

#include "onnxruntime/text_tensor.h"

namespace slipway::onnx {
namespace {

constexpr std::uint64_t kMostKept = 64 << 10;  // bytes of the outputs of one shape of call

void check(OrtStatus* status) {
  Library::check(status, Step::Execute);
}

Owned<OrtValue> value_over(const slipway_tensor& tensor, const OrtMemoryInfo* memory) {
  OrtValue* made = nullptr;
  check(Library::api().CreateTensorWithDataAsOrtValue(
      memory, const_cast<void*>(tensor.data), tensor.byte_length, tensor.shape, static_cast<std::size_t>(tensor.rank),
      element_type_of(static_cast<slipway_datatype>(tensor.datatype)), &made));
  return Owned<OrtValue>(made);
}

}  // namespace

std::size_t ShapedCall::lines_of(std::uint64_t bytes) {
  return (bytes + sizeof(Line) - 1) / sizeof(Line);
}

bool ShapedCall::is_of(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted) const {
  if (inputs.size() != inputs_.size() || !std::ranges::equal(wanted, wanted_)) return false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const slipway_tensor& asked = inputs[i];
    const Input& held = inputs_[i];
    if (asked.index != held.index || asked.datatype != held.datatype || asked.rank != held.rank ||
        !std::equal(asked.shape, asked.shape + asked.rank, held.shape.begin())) {
      return false;
    }
  }
  return true;
}

void ShapedCall::begin(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted) {
  expect_nothing();
  wanted_.assign(wanted.begin(), wanted.end());
  inputs_.clear();
  for (const slipway_tensor& asked : inputs) {
    Input& made = inputs_.emplace_back();
    made.index = asked.index;
    made.datatype = asked.datatype;
    made.rank = asked.rank;
    std::copy(asked.shape, asked.shape + asked.rank, made.shape.begin());
  }
}

OrtValue* ShapedCall::input(std::size_t place, const slipway_tensor& tensor, const OrtMemoryInfo* memory) {
  Input& input = inputs_[place];
  if (tensor.datatype == SLIPWAY_BYTES) {
    input.value = text_value(tensor);
  } else if (!input.value || input.data != tensor.data || input.byte_length != tensor.byte_length) {
    input.value = value_over(tensor, memory);
    input.data = tensor.data;
    input.byte_length = tensor.byte_length;
  }
  return input.value.get();
}

void ShapedCall::expect(std::span<const slipway_tensor> outputs, const OrtMemoryInfo* memory) {
  std::size_t count = 0;
  for (const slipway_tensor& output : outputs) {
    if (output.datatype == SLIPWAY_BYTES || output.byte_length > kMostKept) return;
    count += lines_of(output.byte_length);
  }
  if (count == 0 || count * sizeof(Line) > kMostKept) return;
  std::vector<Line> lines(count);
  std::vector<slipway_tensor> described(outputs.begin(), outputs.end());
  std::vector<Owned<OrtValue>> values;
  std::size_t at = 0;
  for (slipway_tensor& output : described) {
    output.data = lines.data() + at;
    at += lines_of(output.byte_length);
    values.push_back(value_over(output, memory));
  }
  outputs_.swap(values);
  described_.swap(described);
  lines_.swap(lines);
}

void ShapedCall::expect_nothing() {
  outputs_.clear();
  described_.clear();
  lines_.clear();
}

}  // namespace slipway::onnx
