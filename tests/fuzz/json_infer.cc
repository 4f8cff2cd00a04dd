// An infer request in JSON: never breaks, never asks for memory out of proportion, and what it accepts survives being
// written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapter/api_oip/infer_request.h"
#include "adapter/codec/json_tensor.h"
#include "base/invariant.h"

using slipway::invariant;
namespace codec = slipway::codec;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const slipway::ByteSpan body(reinterpret_cast<const std::byte*>(bytes), size);
  codec::Arena arena;
  slipway::api_oip::InferRequest request;
  const auto read = request.read(body, "", arena);
  invariant(arena.held().count <= 64 * size + 16'384 + 4096 * request.inputs().size(), "memory in proportion");
  if (!read) {
    invariant(read.error().message.size() < 2000, "a message a person can read");
    return 0;
  }
  for (const slipway::tensor::TensorView& input : request.inputs()) {
    invariant(check_data_length(input).ok(), "what was read is whole");
    std::string once;
    codec::append_json_elements(once, input);
    codec::JsonReader reader(once, arena);
    const auto again = codec::read_json_elements(reader, input, arena);
    invariant(again && reader.finish(), "what was written is read");
    std::string twice;
    codec::append_json_elements(twice, {input.name, input.datatype, input.shape, *again});
    invariant(once == twice, "reading back changes nothing");
  }
  return 0;
}
