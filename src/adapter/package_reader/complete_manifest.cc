#include <algorithm>
#include <array>
#include <cmath>

#include "adapter/package_reader/declared_manifest.h"
#include "adapter/package_reader/golden_values.h"
#include "adapter/package_reader/kept_format.h"
#include "adapter/yaml/field.h"
#include "base/nearest_word.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

using yaml::Field;

constexpr std::size_t kMostGolden = 1000;

std::string titled(std::string_view kind, const tensor::TensorSpec& spec) {
  return std::string(kind) + " \"" + printable(spec.name) + "\"";
}

// Names along the last dimension must be as many as it is long.
Result<void> check_names(std::string_view kind, const DeclaredTensor& tensor, const yaml::Document& document) {
  const tensor::TensorSpec& spec = tensor.spec;
  if (spec.shape.rank() == 0) return {};
  const std::int64_t last = spec.shape[spec.shape.rank() - 1];
  const auto wrong = [&](std::string_view what, std::size_t found) {
    return error_at(document, tensor.mark,
                    titled(kind, spec) + ": expected " + std::to_string(last) + " " + std::string(what) + " (shape " +
                        spec.shape.to_string() + "), found " + std::to_string(found));
  };
  if (last < 0) return {};
  const auto size = static_cast<std::size_t>(last);
  if (!spec.features.empty() && spec.features.size() != size) return wrong("features", spec.features.size());
  // A last dimension of one, or a single one, carries a label's number instead of one value per label.
  const bool by_value = size == 1 || spec.shape.rank() == 1;
  if (!spec.labels.empty() && !by_value && spec.labels.size() != size) return wrong("labels", spec.labels.size());
  return {};
}

const OnnxTensor* find(const std::vector<OnnxTensor>& tensors, std::string_view name) {
  const auto at = std::ranges::find_if(tensors, [&](const OnnxTensor& tensor) { return tensor.spec.name == name; });
  return at == tensors.end() ? nullptr : &*at;
}

Error unknown_tensor(std::string_view kind, const DeclaredTensor& tensor, const std::vector<OnnxTensor>& actual,
                     const yaml::Document& document) {
  std::vector<std::string_view> known;
  for (const OnnxTensor& real : actual) known.push_back(real.spec.name);
  const std::string_view nearest = nearest_word(tensor.spec.name, known);
  std::string message = titled(kind, tensor.spec) + " is not in the model; ";
  if (!nearest.empty())
    return error_at(document, tensor.mark, message + "did you mean \"" + std::string(nearest) + "\"?");
  message += "it has";
  for (const std::string_view name : known) message += " \"" + printable(name) + "\"";
  return error_at(document, tensor.mark, message + (known.empty() ? " none" : ""));
}

Error rank_unknown(std::string_view kind, const tensor::TensorSpec& spec) {
  return invalid_input("the model gives no shape for the " + titled(kind, spec) + "; declare it in " +
                       std::string(kManifestFile) + " (" + std::string(kind) + "s: [{name: " + printable(spec.name) +
                       ", shape: [-1, ...]}]) or export the model with shapes");
}

// The declared tensors with their gaps filled, then those that only the model has. `actual` gets the declared shape
// where the model has none.
Result<std::vector<DeclaredTensor>> fill(std::string_view kind, std::vector<DeclaredTensor> declared,
                                         std::vector<OnnxTensor>& actual, const yaml::Document& document) {
  for (DeclaredTensor& tensor : declared) {
    OnnxTensor* real = const_cast<OnnxTensor*>(find(actual, tensor.spec.name));
    if (!real) return unknown_tensor(kind, tensor, actual, document);
    if (!real->rank_is_known && tensor.has_shape) {
      real->spec.shape = tensor.spec.model_shape.value_or(tensor.spec.shape);
      real->rank_is_known = true;
    }
    if (!tensor.has_datatype) tensor.spec.datatype = real->spec.datatype;
    if (!tensor.has_shape) tensor.spec.shape = real->spec.shape;
  }
  for (const OnnxTensor& real : actual) {
    if (!real.rank_is_known) return rank_unknown(kind, real.spec);
    const bool is_declared =
        std::ranges::any_of(declared, [&](const DeclaredTensor& tensor) { return tensor.spec.name == real.spec.name; });
    if (!is_declared) declared.push_back({.spec = real.spec, .has_datatype = true, .has_shape = true, .mark = {}});
  }
  return declared;
}

Result<void> require_all(std::string_view kind, const std::vector<DeclaredTensor>& tensors,
                         const yaml::Document& document) {
  for (const DeclaredTensor& tensor : tensors) {
    if (tensor.has_datatype && tensor.has_shape) continue;
    return error_at(document, tensor.mark,
                    titled(kind, tensor.spec) + ": expected a " + (tensor.has_datatype ? "shape" : "datatype"));
  }
  return {};
}

Result<std::vector<tensor::TensorSpec>> specs(std::string_view kind, std::vector<DeclaredTensor> tensors,
                                              const yaml::Document& document) {
  std::vector<tensor::TensorSpec> list;
  for (DeclaredTensor& tensor : tensors) {
    TRY(check_names(kind, tensor, document));
    list.push_back(std::move(tensor.spec));
  }
  return list;
}

Result<tensor::Signature> signature(DeclaredManifest& declared, const OnnxModel* model) {
  const yaml::Document& document = declared.document;
  if (!model) {
    TRY(require_all("input", declared.inputs, document));
    TRY(require_all("output", declared.outputs, document));
    const bool is_kept = is_kept_format(declared.manifest.format);
    if (declared.outputs.empty() && !is_kept)
      return error_at(document, document.root.mark, "expected outputs, found none");
    tensor::Signature whole;
    whole.inputs = TRY(specs("input", std::move(declared.inputs), document));
    whole.outputs = TRY(specs("output", std::move(declared.outputs), document));
    return whole;
  }
  OnnxModel actual = *model;
  std::vector<DeclaredTensor> inputs = TRY(fill("input", std::move(declared.inputs), actual.inputs, document));
  std::vector<DeclaredTensor> outputs = TRY(fill("output", std::move(declared.outputs), actual.outputs, document));
  tensor::Signature whole;  // filled member by member: a TRY that leaves a braced list would leak the members before it
  whole.inputs = TRY(specs("input", std::move(inputs), document));
  whole.outputs = TRY(specs("output", std::move(outputs), document));
  tensor::Signature real;
  for (OnnxTensor& tensor : actual.inputs) real.inputs.push_back(std::move(tensor.spec));
  for (OnnxTensor& tensor : actual.outputs) real.outputs.push_back(std::move(tensor.spec));
  const auto checked = tensor::check_declaration(whole, real);
  if (!checked.ok()) return Error(checked.error()).within(document.name);
  return whole;
}

Result<std::vector<tensor::Tensor>> read_tensors(const Field& field, const std::vector<tensor::TensorSpec>& specs) {
  std::vector<std::string_view> known;
  for (const tensor::TensorSpec& spec : specs) known.push_back(spec.name);
  TRY(field.check_keys(known));
  std::vector<tensor::Tensor> tensors;
  for (const tensor::TensorSpec& spec : specs) {
    if (const auto values = field.find(spec.name)) tensors.push_back(TRY(read_tensor_values(*values, spec)));
  }
  return tensors;
}

Result<model::GoldenExample> read_example(const Field& field, const tensor::Signature& signature) {
  constexpr std::array<std::string_view, 3> kKeys = {"inputs", "outputs", "tolerance"};
  TRY(field.check_keys(kKeys));
  const auto inputs = field.find("inputs");
  const auto outputs = field.find("outputs");
  if (!outputs) return field.wrong("expected outputs");
  model::GoldenExample example;
  if (inputs) example.inputs = TRY(read_tensors(*inputs, signature.inputs));
  example.outputs = TRY(read_tensors(*outputs, signature.outputs));
  if (example.outputs.empty()) return outputs->wrong("expected at least one output");
  std::vector<tensor::TensorView> views;
  for (const tensor::Tensor& tensor : example.inputs) views.push_back(tensor.view());
  const auto checked = tensor::check_request(signature, views, 0);
  if (!checked.ok()) return (inputs ? *inputs : field).wrong(checked.error().message);
  if (const auto tolerance = field.find("tolerance")) {
    example.tolerance = TRY(tolerance->number());
    if (example.tolerance < 0) return tolerance->expected("a tolerance of 0 or more");
  }
  return example;
}

}  // namespace

Result<model::Manifest> complete(DeclaredManifest declared, const OnnxModel* model) {
  model::Manifest manifest = declared.manifest;
  manifest.signature = TRY(signature(declared, model));
  const Field root(declared.document, declared.document.root, "");
  if (manifest.format.empty()) return root.wrong("expected a format (onnx or echo), found none");
  if (const auto golden = root.find("golden")) {
    for (const Field& item : TRY(golden->items(kMostGolden))) {
      manifest.golden.push_back(TRY(read_example(item, manifest.signature)));
    }
  }
  return manifest;
}

}  // namespace slipway::package_reader
