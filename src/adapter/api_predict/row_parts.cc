#include "adapter/api_predict/row_parts.h"

#include <algorithm>

namespace slipway::api_predict {
namespace {

// Bytes of the next `elements`. Strings have no fixed size: they are walked over once, part by part.
std::size_t bytes_of(tensor::DataType type, ByteSpan data, std::uint64_t elements) {
  if (type != tensor::DataType::Bytes) return elements * element_size(type);
  ByteSpan rest = data;
  for (std::uint64_t i = 0; i < elements; ++i) rest = tensor::next_bytes_element(rest).rest;
  return data.size() - rest.size();
}

}  // namespace

std::uint64_t RowParts::take(std::vector<tensor::TensorView>& into) {
  const std::uint64_t rows = std::min(rows_left_, most_);
  into.clear();
  for (auto& [input, data] : left_) {
    const tensor::TensorSpec& spec = plan_.signature().inputs[input];
    const std::size_t bytes =
        rows == rows_left_ ? data.size() : bytes_of(spec.datatype, data, rows * plan_.values_per_row(input));
    into.push_back({spec.name, spec.datatype, plan_.shape(input, rows), data.first(bytes)});
    data = data.subspan(bytes);
  }
  rows_left_ -= rows;
  return rows;
}

}  // namespace slipway::api_predict
