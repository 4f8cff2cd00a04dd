#include "onnxruntime/execution.h"

#include <algorithm>

#include "onnxruntime/text_tensor.h"

namespace slipway::onnx {
namespace {

using backend::Failure;

constexpr std::array<std::size_t, 15> kElementSizes = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 0, 2};

void check(OrtStatus* status) {
  Library::check(status, Step::Execute);
}

}  // namespace

Execution::Execution(const Session& session)
    : session_(session), inputs_(session.inputs.size()), texts_(session.outputs.size()) {
  OrtMemoryInfo* memory = nullptr;
  check(Library::api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory));
  memory_.reset(memory);
  OrtRunOptions* options = nullptr;
  check(Library::api().CreateRunOptions(&options));
  run_options_.reset(options);
}

void Execution::run(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted,
                    slipway_tensor* outputs) {
  input_names_.clear();
  input_values_.clear();
  for (const slipway_tensor& tensor : inputs) {
    const auto index = static_cast<std::size_t>(tensor.index);
    input_names_.push_back(session_.inputs[index].name.c_str());
    input_values_.push_back(value_over(tensor));
  }
  output_names_.clear();
  for (const std::uint32_t index : wanted) output_names_.push_back(session_.outputs[index].name.c_str());
  output_values_.assign(wanted.size(), nullptr);
  check(Library::api().Run(session_.session.get(), run_options_.get(), input_names_.data(), input_values_.data(),
                           input_values_.size(), output_names_.data(), output_names_.size(), output_values_.data()));
  for (OrtValue* value : output_values_) outputs_.emplace_back(value);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    describe(output_values_[i], session_.outputs[wanted[i]], texts_[wanted[i]], outputs[i]);
  }
}

void Execution::clear() {
  outputs_.clear();
}

OrtValue* Execution::value_over(const slipway_tensor& tensor) {
  Input& input = inputs_[static_cast<std::size_t>(tensor.index)];
  const auto rank = static_cast<std::size_t>(tensor.rank);
  if (tensor.datatype == SLIPWAY_BYTES) {
    input.value = text_value(tensor);
    return input.value.get();
  }
  if (input.value && input.data == tensor.data && input.byte_length == tensor.byte_length &&
      std::equal(tensor.shape, tensor.shape + rank, input.shape.begin())) {
    return input.value.get();
  }
  OrtValue* made = nullptr;
  check(Library::api().CreateTensorWithDataAsOrtValue(
      memory_.get(), const_cast<void*>(tensor.data), tensor.byte_length, tensor.shape, rank,
      element_type_of(static_cast<slipway_datatype>(tensor.datatype)), &made));
  input.value.reset(made);
  input.data = tensor.data;
  input.byte_length = tensor.byte_length;
  std::copy(tensor.shape, tensor.shape + rank, input.shape.begin());
  return made;
}

void Execution::describe(OrtValue* value, const backend::Spec& spec, std::vector<std::byte>& text,
                         slipway_tensor& out) {
  const OrtApi& api = Library::api();
  if (value == nullptr) throw Failure(SLIPWAY_INTERNAL, "output \"" + spec.name + "\" was not computed");
  OrtTensorTypeAndShapeInfo* made = nullptr;
  check(api.GetTensorTypeAndShape(value, &made));
  const Owned<OrtTensorTypeAndShapeInfo> shape(made);
  std::size_t rank = 0;
  check(api.GetDimensionsCount(made, &rank));
  if (rank > SLIPWAY_MAX_RANK) {
    throw Failure(SLIPWAY_INTERNAL, "output \"" + spec.name + "\": expected at most " +
                                        std::to_string(SLIPWAY_MAX_RANK) + " dimensions, found " +
                                        std::to_string(rank));
  }
  check(api.GetDimensions(made, out.shape, rank));
  out.rank = static_cast<std::int32_t>(rank);
  out.datatype = spec.datatype;
  out.device = SLIPWAY_CPU;
  std::uint64_t elements = 1;
  for (std::size_t i = 0; i < rank; ++i) elements *= static_cast<std::uint64_t>(out.shape[i]);
  if (spec.datatype == SLIPWAY_BYTES) {
    write_text(value, elements, text);
    out.data = text.data();
    out.byte_length = text.size();
    return;
  }
  static constexpr std::uint64_t kNothing = 0;
  void* data = nullptr;
  if (elements != 0) check(api.GetTensorMutableData(value, &data));
  out.data = data != nullptr ? data : &kNothing;
  out.byte_length = elements * kElementSizes[spec.datatype];
}

}  // namespace slipway::onnx
