// Rows as people write them, in JSON and in CSV: never breaks, and what is accepted is whole.
#include <cstdint>

#include "adapter/api_predict/row_parts.h"
#include "base/invariant.h"

using slipway::invariant;
namespace api_predict = slipway::api_predict;
namespace tensor = slipway::tensor;

namespace {

constexpr std::uint64_t kMaxBatch = 3;

tensor::Signature made_signature() {
  tensor::TensorSpec numbers;
  numbers.name = "n";
  numbers.datatype = tensor::DataType::FP32;
  numbers.shape = {-1, 2};
  numbers.features = {"a", "b"};
  tensor::TensorSpec text;
  text.name = "t";
  text.datatype = tensor::DataType::Bytes;
  text.shape = {-1, 1};
  tensor::TensorSpec flag;
  flag.name = "f";
  flag.datatype = tensor::DataType::Bool;
  flag.shape = {-1};
  flag.optional = true;
  tensor::Signature signature;
  signature.inputs = {numbers, text, flag};
  return signature;
}

using Read = slipway::Result<void> (*)(slipway::ByteSpan, api_predict::RowBuilder&, slipway::codec::Arena&);

void check(slipway::ByteSpan body, Read read) {
  static const tensor::Signature signature = made_signature();
  const auto plan = tensor::RowPlan::of(signature);
  slipway::codec::Arena arena;
  api_predict::RowBuilder rows(*plan);
  if (!read(body, rows, arena)) return;
  const auto inputs = rows.finish();
  if (!inputs) return;
  api_predict::RowParts parts(*plan, *inputs, rows.rows(), plan->rows_at_once(kMaxBatch));
  std::uint64_t read_rows = 0;
  for (std::vector<tensor::TensorView> part; parts.rows_left() > 0;) {
    read_rows += parts.take(part);
    invariant(check_request(signature, part, kMaxBatch).ok(), "every part of what was read fits the model");
  }
  invariant(read_rows == rows.rows(), "no row is lost between two parts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const slipway::ByteSpan body(reinterpret_cast<const std::byte*>(bytes), size);
  check(body, api_predict::read_json_rows);
  check(body, api_predict::read_csv_rows);
  return 0;
}
