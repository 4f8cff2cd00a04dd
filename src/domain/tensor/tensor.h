// TensorView and Tensor: a named, typed, shaped buffer, borrowed or owned. Row-major, little-endian, no padding.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/tensor/data_type.h"
#include "domain/tensor/shape.h"

namespace slipway::tensor {

// Borrows name and data; whoever hands it out says for how long they live.
struct TensorView {
  std::string_view name;
  DataType datatype = DataType::FP32;
  Shape shape;
  ByteSpan data;
};

// Owns its name and data. A value.
struct Tensor {
  std::string name;
  DataType datatype = DataType::FP32;
  Shape shape;
  std::vector<std::byte> data;

  TensorView view() const { return {name, datatype, shape, data}; }
  bool operator==(const Tensor&) const = default;
};

// Ok if `view.data` is exactly what datatype and shape ask for: the byte length, or for BYTES that many well-formed
// length-prefixed elements. InvalidInput names the tensor, the expected and the found size.
Result<void> check_data_length(const TensorView& view);

// One element of a BYTES tensor, and the rest. Requires: data passed check_data_length.
struct BytesElement {
  std::string_view text;
  ByteSpan rest;
};
BytesElement next_bytes_element(ByteSpan data);
void append_bytes_element(std::vector<std::byte>& out, std::string_view text);

// Bytes of the rows [first, first+count) along dimension 0. For BYTES it walks the elements.
// Requires: check_data_length passed, rank >= 1, first+count <= shape[0].
ByteSpan rows_of(const TensorView& view, std::uint64_t first, std::uint64_t count);

}  // namespace slipway::tensor
