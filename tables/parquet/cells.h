// Cells: an Arrow array as numbers or texts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <arrow/api.h>

namespace slipway_parquet {

// A column, as the table ABI gives it away. A value.
struct Cells {
  bool is_text = false;
  std::vector<std::uint8_t> missing;
  std::vector<double> numbers;
  std::string texts;
  std::vector<std::uint64_t> text_ends;
};

// Integers, floats, booleans and decimals are numbers, but whole ones that FP64 would change make their column texts;
// strings, times and dates are texts; dictionaries are what they stand for. Invalid: any other type, or more than
// `text_bytes` of texts.
arrow::Result<Cells> cells_of(const arrow::ChunkedArray& column, std::uint64_t text_bytes);

}  // namespace slipway_parquet
