// TableReader: evaluation data as columns. Adapters: table_text (CSV and JSON lines), table_plugin (Parquet).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::ports {

enum class CellKind : std::uint8_t { Number, Text };

// All cells of one name. Numbers if every cell that is there is one, else texts as they are written.
struct TableColumn {
  std::string name;
  CellKind kind = CellKind::Number;
  std::vector<double> numbers;     // NaN: missing
  std::vector<std::string> texts;  // of a text column
  std::vector<bool> missing;       // empty, null or NaN; as long as the table
};

// A value. Every column has `rows` cells; names are unique and not empty.
struct Table {
  std::uint64_t rows = 0;
  std::vector<TableColumn> columns;
};

struct TableLimits {
  std::uint64_t rows = 10'000'000;
  std::uint64_t columns = 10'000;
  std::uint64_t cells = 100'000'000;
};

// Any thread.
class TableReader {
 public:
  virtual ~TableReader() = default;
  // `name` tells the format by its ending and stands in messages: "eval.csv: line 7: ...". InvalidInput: malformed
  // text, a name twice, no rows, more than the limits; Unimplemented: an ending that no reader knows.
  virtual Result<Table> read(ByteSpan content, std::string_view name) = 0;
};

}  // namespace slipway::ports
