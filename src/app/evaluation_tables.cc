#include "app/evaluation_tables.h"

#include "adapter/table_plugin/parquet_tables.h"

namespace slipway::app {

Result<ports::Table> EvaluationTables::read(ByteSpan content, std::string_view name) {
  return name.ends_with(table_plugin::kEnding) ? apart_.read(content, name) : texts_.read(content, name);
}

}  // namespace slipway::app
