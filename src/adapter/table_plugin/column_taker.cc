#include "adapter/table_plugin/column_taker.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::table_plugin {
namespace {

Error broken(const std::string& name, const std::string& what) {
  return invalid_input("\"" + printable(name, 60) + "\": " + what);
}

}  // namespace

Result<void> ColumnTaker::check(const slipway_table_column& column) const {
  const std::string name(column.name ? column.name : "", column.name ? column.name_length : 0);
  const std::size_t number = table_.columns.size() + 1;
  if (name.empty()) return invalid_input("column " + std::to_string(number) + ": expected a name, found none");
  if (!is_valid_utf8(name)) return broken(name, "expected a column's name in UTF-8");
  const auto same = std::ranges::find(table_.columns, name, &ports::TableColumn::name);
  if (same != table_.columns.end()) {
    return broken(name, "expected each column once, found it as columns " +
                            std::to_string(same - table_.columns.begin() + 1) + " and " + std::to_string(number));
  }
  if (!table_.columns.empty() && column.rows != table_.rows) {
    return broken(name, "expected " + std::to_string(table_.rows) + " cells as in the first column, found " +
                            std::to_string(column.rows));
  }
  if (number > limits_.columns) {
    return invalid_input("expected at most " + std::to_string(limits_.columns) + " columns, found more");
  }
  if (column.rows > limits_.rows) {
    return invalid_input("expected at most " + std::to_string(limits_.rows) + " rows, found " +
                         std::to_string(column.rows));
  }
  if (column.rows > limits_.cells / number) {
    return invalid_input("expected at most " + std::to_string(limits_.cells) + " cells, found more");
  }
  return {};
}

Result<void> ColumnTaker::take(const slipway_table_column& column) {
  TRY(check(column));
  ports::TableColumn made{.name = std::string(column.name, column.name_length),
                          .kind = column.kind == SLIPWAY_TEXT ? ports::CellKind::Text : ports::CellKind::Number,
                          .numbers = {},
                          .texts = {},
                          .missing = std::vector<bool>(column.missing, column.missing + column.rows)};
  if (made.kind == ports::CellKind::Number) {
    made.numbers.assign(column.numbers, column.numbers + column.rows);
  } else {
    made.texts.reserve(column.rows);
    std::uint64_t begin = 0;
    for (std::uint64_t i = 0; i < column.rows; ++i) {
      const std::uint64_t end = column.text_ends[i];
      if (end < begin) return broken(made.name, "expected texts one after another");
      made.texts.emplace_back(column.texts + begin, end - begin);
      if (!is_valid_utf8(made.texts.back())) {
        return broken(made.name, "row " + std::to_string(i + 1) + ": expected UTF-8, found \"" +
                                     printable(made.texts.back(), 60) + "\"");
      }
      begin = end;
    }
  }
  table_.rows = column.rows;
  table_.columns.push_back(std::move(made));
  return {};
}

Result<ports::Table> ColumnTaker::finish() && {
  if (table_.columns.empty()) return invalid_input("expected at least one column, found none");
  if (table_.rows == 0) return invalid_input("expected at least one row, found none");
  return std::move(table_);
}

}  // namespace slipway::table_plugin
