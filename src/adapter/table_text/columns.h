// Columns: cells as texts, gathered row by row, made into a table at the end.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/table_reader.h"

namespace slipway::table_text {

enum class Written : unsigned char {
  Missing,
  Bare,    // as a number would be; a text if it is none
  Quoted,  // a text whatever it looks like
};

// One thread. Borrows the texts until finish(). A row that does not name a column has nothing there.
class Columns {
 public:
  explicit Columns(const ports::TableLimits& limits) : limits_(limits) {}

  // The column's number, added if it is new. InvalidInput: an empty name, or too many columns or cells.
  Result<std::size_t> ensure(std::string_view name);
  Result<std::size_t> add(std::string_view name);  // InvalidInput as well if it is there already
  std::size_t count() const { return columns_.size(); }

  Result<void> begin_row();  // InvalidInput: too many rows or cells
  // InvalidInput: the row has a cell there already, or it is not UTF-8.
  Result<void> set(std::size_t column, std::string_view text, Written written);

  Result<ports::Table> finish() &&;  // InvalidInput: no rows

 private:
  Result<void> check_cells(std::size_t columns) const;

  struct Cell {
    std::string_view text;
    Written written = Written::Missing;
  };
  struct Column {
    std::string_view name;
    std::vector<Cell> cells;  // shorter than the table where the last rows have none
  };

  const ports::TableLimits limits_;
  std::uint64_t rows_ = 0;
  std::vector<Column> columns_;
};

}  // namespace slipway::table_text
