// slipway.yaml as a person wrote it, possibly with gaps, and how a model's own signature fills them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapter/package_reader/onnx_check.h"
#include "adapter/yaml/node.h"
#include "base/result.h"
#include "domain/model/manifest.h"

namespace slipway::package_reader {

inline constexpr std::string_view kManifestFile = "slipway.yaml";

// A tensor of the manifest's inputs or outputs.
struct DeclaredTensor {
  tensor::TensorSpec spec;
  bool has_datatype = false;
  bool has_shape = false;
  yaml::Mark mark;
};

// A value. Golden examples stay in `document` until the signature that gives their types is known.
struct DeclaredManifest {
  yaml::Document document;
  model::Manifest manifest;  // without signature and golden
  std::vector<DeclaredTensor> inputs;
  std::vector<DeclaredTensor> outputs;
};

// At most 1 MiB. InvalidInput names file, line, column, what was expected and what was found; unknown keys are refused
// with the nearest known one.
Result<DeclaredManifest> parse_manifest(std::string_view yaml, std::string_view name = kManifestFile);

// Takes what is not declared from the model and checks what is; without a model everything must be declared. Then reads
// the golden examples.
Result<model::Manifest> complete(DeclaredManifest declared, const OnnxModel* model);

}  // namespace slipway::package_reader
