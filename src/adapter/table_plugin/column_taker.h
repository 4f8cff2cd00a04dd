// ColumnTaker: what a table plugin gives, as a Table.
#pragma once

#include "ports/table_reader.h"
#include "slipway/table_abi.h"

namespace slipway::table_plugin {

// Believes none of it but that the arrays are as long as they say. One thread.
class ColumnTaker {
 public:
  explicit ColumnTaker(const ports::TableLimits& limits) : limits_(limits) {}

  // InvalidInput: no name, a name twice, no UTF-8, another number of rows, more than the limits.
  Result<void> take(const slipway_table_column& column);
  Result<ports::Table> finish() &&;  // InvalidInput: no columns or no rows

 private:
  Result<void> check(const slipway_table_column& column) const;

  const ports::TableLimits limits_;
  ports::Table table_;
};

}  // namespace slipway::table_plugin
