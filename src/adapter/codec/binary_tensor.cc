#include "adapter/codec/binary_tensor.h"

#include "base/text.h"

namespace slipway::codec {
namespace {

Result<void> check_booleans(const tensor::TensorView& view) {
  for (std::size_t i = 0; i < view.data.size(); ++i) {
    if (std::to_integer<unsigned>(view.data[i]) > 1) {
      return invalid_input("tensor \"" + printable(view.name) + "\": expected 0 or 1 for BOOL element " +
                           std::to_string(i) + ", found " + std::to_string(std::to_integer<unsigned>(view.data[i])));
    }
  }
  return {};
}

}  // namespace

Result<ByteSpan> BinarySection::take(std::string_view tensor, std::uint64_t size) {
  if (size > left_.size()) {
    return invalid_input("tensor \"" + printable(tensor) + "\": expected " + std::to_string(size) +
                         " bytes as binary_data_size says, found only " + std::to_string(left_.size()) +
                         " left in the body");
  }
  const ByteSpan taken = left_.first(size);
  left_ = left_.subspan(size);
  return taken;
}

Result<void> BinarySection::finish() const {
  if (left_.empty()) return {};
  return invalid_input("expected the body to end after the last binary tensor, found " + std::to_string(left_.size()) +
                       " bytes more");
}

Result<void> check_binary(const tensor::TensorView& view) {
  TRY(check_data_length(view));
  if (view.datatype == tensor::DataType::Bool) TRY(check_booleans(view));
  return {};
}

void append_binary(std::string& out, const tensor::TensorView& view) {
  out.append(as_text(view.data));
}

}  // namespace slipway::codec
