#include "adapter/backend_plugin/plugin_model.h"

#include <algorithm>

#include "base/text.h"
#include "domain/tensor/reshape.h"

namespace slipway::backend_plugin {
namespace {

constexpr std::size_t kMaxTensors = 4096;  // inputs or outputs of one model

std::string place(std::string_view name) {
  return "output \"" + printable(name) + "\"";
}

std::string unfit(std::string_view kind, std::string_view name, const tensor::Shape& found,
                  const tensor::Shape& expected) {
  return std::string(kind) + " \"" + printable(name) + "\": expected shape " + expected.to_string() + ", found " +
         found.to_string();
}

void put(const tensor::Shape& shape, slipway_tensor& into) {
  into.rank = static_cast<std::int32_t>(shape.rank());
  std::ranges::copy(shape.dimensions(), into.shape);
}

Result<tensor::TensorSpec> spec_of(const slipway_tensor_spec& given) {
  if (given.name == nullptr) return internal_error("expected a name for every input and output, found NULL");
  if (!is_valid_utf8(given.name)) {
    return invalid_input("expected names in UTF-8, found \"" + printable(given.name) + "\"");
  }
  if (given.datatype < SLIPWAY_BOOL || given.datatype > SLIPWAY_BF16) {
    return internal_error("tensor \"" + printable(given.name) + "\": unknown datatype " +
                          std::to_string(given.datatype));
  }
  if (given.rank < 0 || given.rank > SLIPWAY_MAX_RANK) {
    return internal_error("tensor \"" + printable(given.name) + "\": expected 0 to 8 dimensions, found " +
                          std::to_string(given.rank));
  }
  tensor::TensorSpec spec;
  spec.name = given.name;
  spec.datatype = static_cast<tensor::DataType>(given.datatype);
  for (std::int32_t i = 0; i < given.rank; ++i) {
    spec.shape.append(given.shape[i] < 0 ? tensor::kFreeDimension : given.shape[i]);
  }
  spec.optional = given.optional != 0;
  return spec;
}

Result<std::vector<tensor::TensorSpec>> specs_of(const slipway_tensor_spec* specs, std::size_t count) {
  if (count > kMaxTensors) {
    return invalid_input("expected at most " + std::to_string(kMaxTensors) + " inputs and outputs, found " +
                         std::to_string(count));
  }
  std::vector<tensor::TensorSpec> made;
  made.reserve(count);
  for (std::size_t i = 0; i < count; ++i) made.push_back(TRY(spec_of(specs[i])));
  return made;
}

// Scratch of one thread: the tensors of a call in the ABI's form, reused so that a call allocates nothing.
struct Scratch {
  std::vector<slipway_tensor> inputs;
  std::vector<slipway_tensor> outputs;
};
Scratch& scratch() {
  static thread_local Scratch held;
  return held;
}

}  // namespace

Error error_of(int status, std::string text) {
  switch (status) {
    case SLIPWAY_INVALID_INPUT:
      return invalid_input(std::move(text));
    case SLIPWAY_CANCELLED:
      return {ErrorCode::Cancelled, std::move(text)};
    case SLIPWAY_UNAVAILABLE:
      return unavailable(std::move(text));
    default:
      return internal_error(std::move(text));
  }
}

Result<std::shared_ptr<ports::LoadedModel>> PluginModel::adopt(const slipway_backend& table, slipway_model* model,
                                                               const tensor::Signature* declared) {
  std::shared_ptr<PluginModel> made(new PluginModel(table, model));
  TRY(made->read_signature());
  if (declared != nullptr) made->read_reshapes(*declared);
  return std::shared_ptr<ports::LoadedModel>(std::move(made));
}

PluginModel::~PluginModel() {
  table_.unload(model_);
}

Result<void> PluginModel::read_signature() {
  slipway_signature given{};
  table_.signature(model_, &given);
  signature_.inputs = TRY(specs_of(given.inputs, given.input_count));
  signature_.outputs = TRY(specs_of(given.outputs, given.output_count));
  return {};
}

void PluginModel::read_reshapes(const tensor::Signature& declared) {
  const auto read = [](const std::vector<tensor::TensorSpec>& specs, std::size_t count, const auto& index_of,
                       Reshapes& into) {
    for (const tensor::TensorSpec& spec : specs) {
      const auto index = index_of(spec.name);
      if (!spec.model_shape || !index) continue;
      into.resize(count);
      into[*index] = Reshape{spec.shape, *spec.model_shape};
    }
  };
  read(
      declared.inputs, signature_.inputs.size(), [this](const auto& name) { return signature_.input_index(name); },
      input_reshapes_);
  read(
      declared.outputs, signature_.outputs.size(), [this](const auto& name) { return signature_.output_index(name); },
      output_reshapes_);
}

Result<void> PluginModel::execute(ports::Batch& batch) {
  Scratch& call = scratch();
  call.inputs.clear();
  for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
    const tensor::TensorView& view = batch.inputs[i];
    const bool in_place = i < signature_.inputs.size() && signature_.inputs[i].name == view.name;
    const auto index = in_place ? std::optional<std::size_t>(i) : signature_.input_index(view.name);
    if (!index) return internal_error("the model has no input \"" + printable(view.name) + "\"");
    static constexpr std::uint64_t kNothing = 0;
    slipway_tensor& input = call.inputs.emplace_back();
    input.name = signature_.inputs[*index].name.c_str();
    input.datatype = static_cast<std::int32_t>(view.datatype);
    input.device = SLIPWAY_CPU;
    input.index = static_cast<std::int32_t>(*index);
    if (!input_reshapes_.empty() && input_reshapes_[*index]) [[unlikely]] {
      const auto& [outside, inside] = *input_reshapes_[*index];
      const auto shape = reshaped(view.shape, outside, inside);
      if (!shape) return internal_error(unfit("input", view.name, view.shape, outside));
      put(*shape, input);
    } else {
      put(view.shape, input);
    }
    input.data = view.data.data() != nullptr ? static_cast<const void*>(view.data.data()) : &kNothing;
    input.byte_length = view.data.size();
  }
  call.outputs.assign(batch.wanted.size(), slipway_tensor{});
  batch.release();
  slipway_result result{sizeof(slipway_result), call.outputs.data(), nullptr, nullptr, 0};
  ErrorText error;
  const int status = table_.execute(model_, call.inputs.data(), call.inputs.size(), batch.wanted.data(),
                                    batch.wanted.size(), &result, error.slot());
  if (status != SLIPWAY_OK) return error_of(status, error.text());
  batch.held = ports::HeldOutputs(this, result.execution, &PluginModel::release);
  if (auto taken = take_outputs(result, batch.wanted.size(), batch); !taken) {
    batch.release();
    return std::move(taken).error().within(table_.name);
  }
  return {};
}

Result<void> PluginModel::take_outputs(const slipway_result& result, std::size_t count, ports::Batch& batch) const {
  for (std::size_t i = 0; i < count; ++i) {
    const slipway_tensor& given = result.outputs[i];
    const tensor::TensorSpec& spec = signature_.outputs[batch.wanted[i]];
    if (given.datatype != static_cast<std::int32_t>(spec.datatype) || given.rank < 0 || given.rank > SLIPWAY_MAX_RANK ||
        given.data == nullptr || given.device != SLIPWAY_CPU) {
      return internal_error(place(spec.name) + ": expected datatype " + std::string(tensor::name_of(spec.datatype)) +
                            " with 0 to 8 dimensions and data on the CPU, found datatype " +
                            std::to_string(given.datatype) + ", " + std::to_string(given.rank) + " dimensions");
    }
    tensor::TensorView& view = batch.outputs.emplace_back();
    view.name = spec.name;
    view.datatype = spec.datatype;
    for (std::int32_t d = 0; d < given.rank; ++d) view.shape.append(given.shape[d]);
    view.data = {static_cast<const std::byte*>(given.data), given.byte_length};
    if (auto fits = tensor::check_data_length(view); !fits) {
      return internal_error(place(spec.name) + ": " + fits.error().message);
    }
    if (output_reshapes_.empty() || !output_reshapes_[batch.wanted[i]]) [[likely]]
      continue;
    const auto& [outside, inside] = *output_reshapes_[batch.wanted[i]];
    const auto shape = reshaped(view.shape, inside, outside);
    if (!shape) return internal_error(unfit("output", spec.name, view.shape, inside));
    view.shape = *shape;
  }
  for (std::size_t i = 0; i < result.row_error_count; ++i) {
    const slipway_row_error& row = result.row_errors[i];
    batch.row_errors.emplace_back(row.row, error_of(row.status, row.text != nullptr ? row.text : "the row failed"));
  }
  return {};
}

void PluginModel::release(void* owner, void* memory) {
  auto* model = static_cast<PluginModel*>(owner);
  model->table_.release(model->model_, static_cast<slipway_execution*>(memory));
}

}  // namespace slipway::backend_plugin
