#include "domain/tensor/tensor.h"

#include <cstring>

namespace slipway::tensor {
namespace {

std::uint32_t read_length(ByteSpan data) {
  std::uint32_t length;  // the protocol is little-endian, as is every machine we build for
  std::memcpy(&length, data.data(), sizeof length);
  return length;
}

Error bad(const TensorView& view, const std::string& what) {
  return invalid_input("tensor \"" + std::string(view.name) + "\": " + what);
}

Result<void> check_bytes(const TensorView& view, std::uint64_t count) {
  ByteSpan left = view.data;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (left.size() < 4) {
      return bad(view,
                 "expected " + std::to_string(count) + " BYTES elements, the data ends after " + std::to_string(i));
    }
    const std::uint32_t length = read_length(left);
    if (left.size() - 4 < length) {
      return bad(view, "BYTES element " + std::to_string(i) + " says " + std::to_string(length) + " bytes, only " +
                           std::to_string(left.size() - 4) + " are left");
    }
    left = left.subspan(4 + std::size_t{length});
  }
  if (!left.empty()) {
    return bad(view,
               std::to_string(left.size()) + " bytes follow the last of " + std::to_string(count) + " BYTES elements");
  }
  return {};
}

}  // namespace

Result<void> check_data_length(const TensorView& view) {
  const auto count = view.shape.element_count();
  if (!count) return bad(view, "shape " + view.shape.to_string() + " is negative or too large");
  if (view.datatype == DataType::Bytes) return check_bytes(view, *count);
  const auto expected = checked_multiply(*count, element_size(view.datatype));
  if (!expected || *expected != view.data.size()) {
    return bad(view, "expected " + (expected ? std::to_string(*expected) : std::string("more than 2^64")) +
                         " bytes of data for shape " + view.shape.to_string() + " of " +
                         std::string(name_of(view.datatype)) + ", found " + std::to_string(view.data.size()));
  }
  return {};
}

BytesElement next_bytes_element(ByteSpan data) {
  const std::uint32_t length = read_length(data);
  return {as_text(data.subspan(4, length)), data.subspan(4 + std::size_t{length})};
}

void append_bytes_element(std::vector<std::byte>& out, std::string_view text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  const auto* prefix = reinterpret_cast<const std::byte*>(&length);
  out.insert(out.end(), prefix, prefix + sizeof length);
  const ByteSpan bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

ByteSpan rows_of(const TensorView& view, std::uint64_t first, std::uint64_t count) {
  const auto rows = static_cast<std::uint64_t>(view.shape[0]);
  if (rows == 0) return {};
  if (view.datatype != DataType::Bytes) {
    const std::size_t row = view.data.size() / rows;
    return view.data.subspan(first * row, count * row);
  }
  const std::uint64_t per_row = *view.shape.element_count() / rows;
  ByteSpan left = view.data;
  for (std::uint64_t i = 0; i < first * per_row; ++i) left = next_bytes_element(left).rest;
  ByteSpan end = left;
  for (std::uint64_t i = 0; i < count * per_row; ++i) end = next_bytes_element(end).rest;
  return left.first(left.size() - end.size());
}

}  // namespace slipway::tensor
