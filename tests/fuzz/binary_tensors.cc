// Tensors as raw bytes behind a JSON header, and a body that is nothing but one tensor. The first two bytes are the
// header's length, the third picks the model that a raw body is read for.
#include <array>
#include <cstdint>
#include <string>

#include "adapter/api_oip/infer_request.h"
#include "base/invariant.h"

using slipway::invariant;
namespace tensor = slipway::tensor;

namespace {

void check(const slipway::api_oip::InferRequest& request) {
  for (const tensor::TensorView& input : request.inputs()) {
    invariant(check_data_length(input).ok(), "what was read is whole");
  }
}

tensor::Signature signature_of(std::uint8_t choice) {
  static const std::array<tensor::Shape, 6> kShapes = {tensor::Shape{-1, 3}, {-1}, {2, -1, 2},
                                                       tensor::Shape{},      {1},  {-1, -1}};
  tensor::TensorSpec spec;
  spec.name = "x";
  spec.datatype = static_cast<tensor::DataType>(1 + choice % 14);
  spec.shape = kShapes[(choice / 14) % kShapes.size()];
  tensor::Signature signature;
  signature.inputs.push_back(spec);
  return signature;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 3) return 0;
  const slipway::ByteSpan body(reinterpret_cast<const std::byte*>(bytes) + 3, size - 3);
  slipway::codec::Arena arena;
  slipway::api_oip::InferRequest request;
  if (request.read(body, std::to_string(bytes[0] + 256 * bytes[1]), arena)) check(request);
  const tensor::Signature signature = signature_of(bytes[2]);
  const tensor::Shape& shape = signature.inputs[0].shape;
  arena.reset();
  if (request.read_raw(body, signature, shape.rank() > 0 && shape[0] < 0, arena)) check(request);
  return 0;
}
