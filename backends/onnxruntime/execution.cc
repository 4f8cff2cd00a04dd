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

// Such an output is the caller's own input, whatever memory is offered for it.
bool passes_an_input_on(const Session& session) {
  return std::ranges::any_of(session.outputs, [&](const backend::Spec& output) {
    return std::ranges::any_of(session.inputs, [&](const backend::Spec& input) { return input.name == output.name; });
  });
}

}  // namespace

Execution::Execution(const Session& session)
    : session_(session), keeps_outputs_(!passes_an_input_on(session)), texts_(session.outputs.size()) {
  OrtMemoryInfo* memory = nullptr;
  check(Library::api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory));
  memory_.reset(memory);
  OrtRunOptions* options = nullptr;
  check(Library::api().CreateRunOptions(&options));
  run_options_.reset(options);
}

void Execution::run(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted,
                    slipway_tensor* outputs) {
  ShapedCall* const known = find_call(inputs, wanted);
  ShapedCall& call = known != nullptr ? *known : begin_call(inputs, wanted);
  input_names_.clear();
  input_values_.clear();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    input_names_.push_back(session_.inputs[static_cast<std::size_t>(inputs[i].index)].name.c_str());
    input_values_.push_back(call.input(i, inputs[i], memory_.get()));
  }
  output_names_.clear();
  for (const std::uint32_t index : wanted) output_names_.push_back(session_.outputs[index].name.c_str());
  const bool had_outputs = call.has_outputs();
  if (had_outputs && run_into_kept(call, outputs)) return;
  output_values_.assign(wanted.size(), nullptr);
  check(run_session());
  for (OrtValue* value : output_values_) outputs_.emplace_back(value);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    describe(output_values_[i], session_.outputs[wanted[i]], texts_[wanted[i]], outputs[i]);
  }
  if (had_outputs) {  // and these inputs are not at fault
    keeps_outputs_ = false;
    for (ShapedCall& each : calls_) each.expect_nothing();
  } else if (known != nullptr && keeps_outputs_) {
    call.expect({outputs, wanted.size()}, memory_.get());
  }
}

ShapedCall* Execution::find_call(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted) {
  const auto found = std::ranges::find_if(calls_, [&](const ShapedCall& call) { return call.is_of(inputs, wanted); });
  return found == calls_.end() ? nullptr : &*found;
}

ShapedCall& Execution::begin_call(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted) {
  ShapedCall& call = calls_[next_call_];
  next_call_ = (next_call_ + 1) % calls_.size();
  call.begin(inputs, wanted);
  return call;
}

// False: it failed, perhaps because an output has another shape this time.
bool Execution::run_into_kept(const ShapedCall& call, slipway_tensor* outputs) {
  output_values_.clear();
  for (const Owned<OrtValue>& value : call.outputs()) output_values_.push_back(value.get());
  if (OrtStatus* failed = run_session()) {
    Library::api().ReleaseStatus(failed);
    return false;
  }
  std::ranges::copy(call.described(), outputs);
  return true;
}

OrtStatus* Execution::run_session() {
  return Library::api().Run(session_.session.get(), run_options_.get(), input_names_.data(), input_values_.data(),
                            input_values_.size(), output_names_.data(), output_names_.size(), output_values_.data());
}

void Execution::clear() {
  outputs_.clear();
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
