// TextTables: tables in CSV (RFC 4180, with a heading) and in JSON lines.
#pragma once

#include "ports/table_reader.h"

namespace slipway::table_text {

// Any thread. Endings: .csv; .jsonl, .ndjson (an object a line; true and false are 1 and 0; no lists and objects
// within). An empty cell that is not quoted, null and NaN are missing; so is what a line of JSON does not name. Memory:
// about 16 bytes per cell while reading, besides the table.
class TextTables final : public ports::TableReader {
 public:
  explicit TextTables(ports::TableLimits limits = {}) : limits_(limits) {}
  Result<ports::Table> read(ByteSpan content, std::string_view name) override;

 private:
  const ports::TableLimits limits_;
};

}  // namespace slipway::table_text
