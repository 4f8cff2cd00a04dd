// An ONNX file from anyone: it is refused, or it has a signature that requests can be held against.
#include "adapter/package_reader/onnx_check.h"
#include "base/invariant.h"

using namespace slipway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::vector<model::PackageFile> files = {{.path = "sub/model.onnx", .size = size, .digest = {}},
                                                 {.path = "sub/weights.bin", .size = 64, .digest = {}},
                                                 {.path = "secret", .size = 64, .digest = {}}};
  const auto model =
      package_reader::check_onnx({reinterpret_cast<const std::byte*>(bytes), size}, "sub/model.onnx", files);
  if (!model.ok()) {
    invariant(model.error().code == ErrorCode::InvalidInput, "what is wrong with a model is its author's");
    return 0;
  }
  invariant(!model->outputs.empty(), "a model has outputs");
  for (const package_reader::OnnxTensor& tensor : model->inputs) {
    invariant(!tensor.spec.name.empty() && tensor.spec.shape.rank() <= tensor::kMaxRank,
              "inputs have names and shapes");
  }
  return 0;
}
