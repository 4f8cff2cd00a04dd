// Tensors as nested lists of YAML, both ways: the golden examples of a manifest.
#pragma once

#include <string>

#include "adapter/yaml/field.h"
#include "base/result.h"
#include "domain/tensor/signature.h"

namespace slipway::package_reader {

// Lists nested as deep as `spec.shape` has dimensions; free dimensions take the size found. InvalidInput tells the
// place
// ("golden[0].inputs.input[3][1]"), what was expected and what was found.
Result<tensor::Tensor> read_tensor_values(const yaml::Field& field, const tensor::TensorSpec& spec);

// In flow style, with the shortest texts that read back to the same bits. Requires: data fit shape and datatype.
void append_tensor_values(std::string& out, const tensor::TensorView& tensor);

}  // namespace slipway::package_reader
