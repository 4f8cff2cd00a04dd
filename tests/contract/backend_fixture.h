// What tests of backends say: load these bytes, ask with these values.
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "adapter/backend_plugin/plugin_catalog.h"

namespace slipway::contract {

inline backend_plugin::PluginCatalog& catalog() {
  static backend_plugin::PluginCatalog held({{"onnx", "onnxruntime"}, {"echo", "echo"}}, {SLIPWAY_BUILT_BACKENDS});
  return held;
}

inline Result<std::shared_ptr<ports::LoadedModel>> load(std::string_view format, std::string_view main,
                                                        std::vector<ports::ModelFile> others = {},
                                                        const tensor::Signature* declared = nullptr) {
  std::vector<ports::ModelFile> files = std::move(others);
  files.insert(files.begin(), {"model", as_bytes(main), nullptr});
  return TRY(catalog().find(format))->load({.files = files, .declared = declared});
}

template <class T>
tensor::Tensor make_tensor(std::string name, tensor::DataType type, tensor::Shape shape, const std::vector<T>& values) {
  const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
  return {std::move(name), type, shape, {bytes, bytes + values.size() * sizeof(T)}};
}
inline tensor::Tensor text_tensor(std::string name, tensor::Shape shape, const std::vector<std::string>& values) {
  tensor::Tensor made{std::move(name), tensor::DataType::Bytes, shape, {}};
  for (const std::string& value : values) tensor::append_bytes_element(made.data, value);
  return made;
}

// All outputs, copied out.
inline Result<std::vector<tensor::Tensor>> ask(ports::LoadedModel& model, const std::vector<tensor::Tensor>& inputs,
                                               std::vector<std::uint32_t> wanted = {0}) {
  ports::Batch batch;
  for (const tensor::Tensor& input : inputs) batch.inputs.push_back(input.view());
  batch.wanted = std::move(wanted);
  TRY(model.execute(batch));
  std::vector<tensor::Tensor> outputs;
  for (const tensor::TensorView& view : batch.outputs) {
    outputs.push_back({std::string(view.name), view.datatype, view.shape, {view.data.begin(), view.data.end()}});
  }
  batch.release();
  return outputs;
}

template <class T>
std::vector<T> values_of(const tensor::Tensor& tensor) {
  std::vector<T> values(tensor.data.size() / sizeof(T));
  std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(T));
  return values;
}

}  // namespace slipway::contract
