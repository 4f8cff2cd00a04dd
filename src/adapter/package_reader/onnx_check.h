// Reads an ONNX file without an engine: refuses what no engine should see, and derives the signature.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/model/manifest.h"
#include "domain/tensor/signature.h"

namespace slipway::package_reader {

struct OnnxLimits {
  Bytes size{(std::uint64_t{2} << 30) - 1};  // protobuf's own
  std::size_t nodes = 1'000'000;             // also after every function is put in place
  std::size_t depth = 32;                    // of sub-graphs, and of functions calling functions
};

// An input or output as the file tells it.
struct OnnxTensor {
  tensor::TensorSpec spec;
  bool rank_is_known = true;
};

struct OnnxModel {
  std::int64_t ir_version = 0;
  std::vector<OnnxTensor> inputs;  // without those that are initializers
  std::vector<OnnxTensor> outputs;
};

// `path` is the model's inside the package, `files` all of the package. InvalidInput says where in the graph and what:
// - malformed or cut off; no ModelProto; larger, deeper or with more nodes than `limits`;
// - an operator of an unknown domain (unless it is a function of the model), or one that carries native code;
// - external data anywhere (initializers, sparse ones, attributes, sub-graphs, functions) that is not a range of a
//   regular file of the package, or that names an address in memory;
// - an input or output that is no tensor or has no type of the Open Inference Protocol.
Result<OnnxModel> check_onnx(ByteSpan file, std::string_view path, std::span<const model::PackageFile> files,
                             const OnnxLimits& limits = {});

}  // namespace slipway::package_reader
