#include "onnxruntime/text_tensor.h"

namespace slipway::onnx {
namespace {

void check(OrtStatus* status) {
  Library::check(status, Step::Execute);
}

}  // namespace

Owned<OrtValue> text_value(const slipway_tensor& tensor) {
  const OrtApi& api = Library::api();
  OrtAllocator* allocator = nullptr;
  check(api.GetAllocatorWithDefaultOptions(&allocator));
  OrtValue* made = nullptr;
  check(api.CreateTensorAsOrtValue(allocator, tensor.shape, static_cast<std::size_t>(tensor.rank),
                                   ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &made));
  Owned<OrtValue> value(made);
  const auto* data = static_cast<const std::byte*>(tensor.data);
  std::uint64_t at = 0;
  for (std::size_t i = 0; at < tensor.byte_length; ++i) {
    std::uint32_t length;
    std::memcpy(&length, data + at, sizeof length);
    char* into = nullptr;
    check(api.GetResizedStringTensorElementBuffer(made, i, length, &into));
    if (length != 0) std::memcpy(into, data + at + sizeof length, length);
    at += sizeof length + length;
  }
  return value;
}

void write_text(const OrtValue* value, std::size_t elements, std::vector<std::byte>& out) {
  const OrtApi& api = Library::api();
  std::size_t total = 0;
  if (elements != 0) check(api.GetStringTensorDataLength(value, &total));
  std::vector<char> text(total + 1);
  std::vector<std::size_t> starts(elements + 1, total);
  if (elements != 0) check(api.GetStringTensorContent(value, text.data(), total, starts.data(), elements));
  out.reserve(total + elements * sizeof(std::uint32_t) + 1);
  out.clear();
  for (std::size_t i = 0; i < elements; ++i) {
    const auto length = static_cast<std::uint32_t>(starts[i + 1] - starts[i]);
    const auto* prefix = reinterpret_cast<const std::byte*>(&length);
    out.insert(out.end(), prefix, prefix + sizeof length);
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data()) + starts[i];
    out.insert(out.end(), bytes, bytes + length);
  }
}

}  // namespace slipway::onnx
