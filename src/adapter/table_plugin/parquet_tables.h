// ParquetTables: tables in Parquet, read by a plugin behind the table ABI.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/table_reader.h"

struct slipway_table_format;  // slipway/table_abi.h

namespace slipway::table_plugin {

inline constexpr std::string_view kEnding = ".parquet";

// Any thread. Its plugin parses what comes from outside with code that is not ours: read in a sandboxed process.
class ParquetTables final : public ports::TableReader {
 public:
  // Loads slipway_table_parquet.so from the first folder that has it. Unavailable tells how to get it, or why it cannot
  // be loaded.
  static Result<std::unique_ptr<ParquetTables>> open(const std::vector<std::string>& search_path,
                                                     ports::TableLimits limits = {});

  Result<ports::Table> read(ByteSpan content, std::string_view name) override;

 private:
  ParquetTables(const slipway_table_format& format, ports::TableLimits limits) : format_(format), limits_(limits) {}

  const slipway_table_format& format_;
  const ports::TableLimits limits_;
};

}  // namespace slipway::table_plugin
