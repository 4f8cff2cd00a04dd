// Signature: what a model accepts and returns, and the check of a request against it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/tensor/tensor.h"

namespace slipway::tensor {

// Values of a feature seen in training; told to people and to drift, not enforced on requests.
struct ValueRange {
  double low;
  double high;
  bool operator==(const ValueRange&) const = default;
};

struct TensorSpec {
  std::string name;
  DataType datatype = DataType::FP32;
  Shape shape;                                    // kFreeDimension where any size goes
  bool optional = false;                          // an input that may be left out
  std::vector<std::string> features;              // names along the last dimension, or empty
  std::vector<std::string> labels;                // class labels along the last dimension, or by value; or empty
  std::vector<std::optional<ValueRange>> ranges;  // one per feature, or one for all, or empty
  bool distinct_labels = true;                    // none of them empty or there twice: they can be keys
  std::optional<Shape> model_shape;               // the model's own where it has another (domain/tensor/reshape.h)
  bool operator==(const TensorSpec&) const = default;
};

// A value.
struct Signature {
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  bool operator==(const Signature&) const = default;

  std::optional<std::size_t> input_index(std::string_view name) const;
  std::optional<std::size_t> output_index(std::string_view name) const;
};

// True if every input and output has a free first dimension, in the model, too: rows of several requests can share one
// execution.
bool has_batch_dimension(const Signature& signature);

// Checks names (unknown, missing, duplicate), datatypes, shapes and data lengths of one request. InvalidInput names the
// tensor and the dimension at fault, what was expected and what was found. Inputs may come in any order.
// `max_batch` limits dimension 0 where the signature leaves it free; 0 means no limit.
Result<void> check_request(const Signature& signature, std::span<const TensorView> inputs, std::uint64_t max_batch);

// Checks a declared signature (a manifest) against the one read from the model itself. A dimension of an output that is
// declared free may be fixed in the model. InvalidInput names the difference.
Result<void> check_declaration(const Signature& declared, const Signature& actual);

// The same of a whole package against what an engine reports of it once loaded; the result has the engine's sizes where
// the package leaves those of an output free, as exporters do ("classes") where they could be inferred.
Result<Signature> settle_declaration(Signature declared, const Signature& reported);

}  // namespace slipway::tensor
