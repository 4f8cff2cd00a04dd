#include "adapter/codec/classification.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>
#include <type_traits>
#include <vector>

#include "adapter/codec/number_text.h"
#include "domain/tensor/half.h"

namespace slipway::codec {
namespace {

using tensor::DataType;

template <class Stored, class Widen>
void append_best(std::string& out, ByteSpan row, const Classes& classes, std::uint64_t wanted, Widen widen) {
  const std::size_t count = row.size() / sizeof(Stored);
  using Value = std::invoke_result_t<Widen, Stored>;
  const auto value_of = [&](std::uint32_t index) -> Value {
    Stored stored;
    std::memcpy(&stored, row.data() + index * sizeof stored, sizeof stored);
    return widen(stored);
  };
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  const auto better = [&](std::uint32_t a, std::uint32_t b) {
    const Value x = value_of(a);
    const Value y = value_of(b);
    if constexpr (std::is_floating_point_v<Value>) {
      if (std::isnan(x) || std::isnan(y)) return std::isnan(x) == std::isnan(y) ? a < b : std::isnan(y);
    }
    return x != y ? x > y : a < b;
  };
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(wanted);
  std::partial_sort(order.begin(), end, order.end(), better);
  for (auto index = order.begin(); index != end; ++index) {
    char text[2 * kMaxNumberText];
    char* at = write_number(text, value_of(*index));
    *at++ = ':';
    at = std::to_chars(at, text + sizeof text, *index).ptr;
    const bool labelled = *index < classes.labels.size() && !classes.labels[*index].empty();
    const std::string_view label = labelled ? std::string_view(classes.labels[*index]) : std::string_view();
    const auto length = static_cast<std::uint32_t>(static_cast<std::size_t>(at - text) + label.size() + labelled);
    out.append(reinterpret_cast<const char*>(&length), sizeof length);
    out.append(text, static_cast<std::size_t>(at - text));
    if (labelled) out.append(":").append(label);
  }
}

template <class Integer>
void append_best_integers(std::string& out, ByteSpan row, const Classes& classes, std::uint64_t wanted) {
  using Wide = std::conditional_t<std::is_signed_v<Integer>, std::int64_t, std::uint64_t>;
  append_best<Integer>(out, row, classes, wanted, [](Integer value) { return static_cast<Wide>(value); });
}

void append_row(std::string& out, DataType type, ByteSpan row, const Classes& classes, std::uint64_t wanted) {
  switch (type) {
    case DataType::UInt8:
      return append_best_integers<std::uint8_t>(out, row, classes, wanted);
    case DataType::UInt16:
      return append_best_integers<std::uint16_t>(out, row, classes, wanted);
    case DataType::UInt32:
      return append_best_integers<std::uint32_t>(out, row, classes, wanted);
    case DataType::UInt64:
      return append_best_integers<std::uint64_t>(out, row, classes, wanted);
    case DataType::Int8:
      return append_best_integers<std::int8_t>(out, row, classes, wanted);
    case DataType::Int16:
      return append_best_integers<std::int16_t>(out, row, classes, wanted);
    case DataType::Int32:
      return append_best_integers<std::int32_t>(out, row, classes, wanted);
    case DataType::Int64:
      return append_best_integers<std::int64_t>(out, row, classes, wanted);
    case DataType::FP16:
      return append_best<std::uint16_t>(out, row, classes, wanted, tensor::fp16_to_float);
    case DataType::BF16:
      return append_best<std::uint16_t>(out, row, classes, wanted, tensor::bf16_to_float);
    case DataType::FP32:
      return append_best<float>(out, row, classes, wanted, [](float value) { return value; });
    case DataType::FP64:
      return append_best<double>(out, row, classes, wanted, [](double value) { return value; });
    case DataType::Bool:
    case DataType::Bytes:
      return;  // refused before
  }
}

}  // namespace

Result<tensor::TensorView> classify(const tensor::TensorView& output, const Classes& classes, Arena& arena) {
  if (output.datatype == DataType::Bool || output.datatype == DataType::Bytes) {
    return invalid_input("output \"" + std::string(output.name) + "\": expected numbers to classify, found " +
                         std::string(name_of(output.datatype)));
  }
  const bool by_row = classes.rows && output.shape.rank() > 0;
  const std::uint64_t rows = by_row ? static_cast<std::uint64_t>(output.shape[0]) : 1;
  const std::uint64_t elements = *output.shape.element_count();
  const std::uint64_t per_row = rows == 0 ? 0 : elements / rows;
  const std::uint64_t wanted = std::min(classes.count, per_row);
  std::string data;
  for (std::uint64_t row = 0; row < rows; ++row) {
    const std::size_t bytes = static_cast<std::size_t>(per_row) * element_size(output.datatype);
    append_row(data, output.datatype, output.data.subspan(row * bytes, bytes), classes, wanted);
  }
  tensor::TensorView view{output.name, DataType::Bytes, {}, as_bytes(arena.copy(data))};
  if (by_row) view.shape.append(static_cast<std::int64_t>(rows));
  view.shape.append(static_cast<std::int64_t>(wanted));
  return view;
}

}  // namespace slipway::codec
