#include "domain/tensor/reduction.h"

#include <algorithm>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace slipway::tensor {
namespace {

constexpr std::size_t kMostDigested = 4096;  // bytes of one output
constexpr std::size_t kMostLookedAt = 256;   // numbers of one output

template <class Number>
double at(ByteSpan data, std::size_t index) {
  Number number;
  std::memcpy(&number, data.data() + index * sizeof number, sizeof number);
  return static_cast<double>(number);
}

template <class Number>
void add(Reduced& reduced, ByteSpan data, std::uint64_t rows) {
  const std::size_t count = data.size() / sizeof(Number);
  if (count == 0) return;
  if (count <= rows) {
    const std::size_t seen = std::min(count, kMostLookedAt);
    double sum = 0;
    for (std::size_t i = 0; i < seen; ++i) sum += at<Number>(data, i);
    reduced.values[reduced.count++] = static_cast<float>(sum / static_cast<double>(seen));
    return;
  }
  const std::size_t of_row = std::min<std::size_t>(count / std::max<std::uint64_t>(rows, 1), kMostLookedAt);
  std::size_t largest = 0;
  for (std::size_t i = 1; i < of_row; ++i) {
    if (at<Number>(data, i) > at<Number>(data, largest)) largest = i;
  }
  reduced.values[reduced.count++] = static_cast<float>(largest);
  if (reduced.count < kMostReduced) reduced.values[reduced.count++] = static_cast<float>(at<Number>(data, largest));
}

void add(Reduced& reduced, const TensorView& output, std::uint64_t rows) {
  switch (output.datatype) {
    case DataType::Bool:
    case DataType::UInt8:
      return add<std::uint8_t>(reduced, output.data, rows);
    case DataType::UInt16:
      return add<std::uint16_t>(reduced, output.data, rows);
    case DataType::UInt32:
      return add<std::uint32_t>(reduced, output.data, rows);
    case DataType::UInt64:
      return add<std::uint64_t>(reduced, output.data, rows);
    case DataType::Int8:
      return add<std::int8_t>(reduced, output.data, rows);
    case DataType::Int16:
      return add<std::int16_t>(reduced, output.data, rows);
    case DataType::Int32:
      return add<std::int32_t>(reduced, output.data, rows);
    case DataType::Int64:
      return add<std::int64_t>(reduced, output.data, rows);
    case DataType::FP32:
      return add<float>(reduced, output.data, rows);
    case DataType::FP64:
      return add<double>(reduced, output.data, rows);
    case DataType::FP16:
    case DataType::BF16:
    case DataType::Bytes:
      return;
  }
}

}  // namespace

Reduced reduce(std::span<const TensorView> outputs, std::uint64_t rows) {
  Reduced reduced;
  for (const TensorView& output : outputs) {
    const std::size_t size = std::min(output.data.size(), kMostDigested);
    reduced.digest = XXH3_64bits_withSeed(output.data.data(), size, reduced.digest ^ output.data.size());
    if (reduced.count < kMostReduced) add(reduced, output, rows);
  }
  return reduced;
}

}  // namespace slipway::tensor
