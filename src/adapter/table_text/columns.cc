#include "adapter/table_text/columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "adapter/codec/json_number.h"
#include "base/text.h"

namespace slipway::table_text {
namespace {

constexpr double kFirstInexact = 9007199254740992.0;  // 2^53: from here on whole numbers are not told apart
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

codec::NumberText scanned(std::string_view text) {
  const std::string_view word = trimmed(text);
  codec::NumberText number = codec::scan_number(word.data(), word.data() + word.size());
  if (number.end != word.data() + word.size()) number.end = nullptr;
  return number;
}

double number_of(std::string_view text) {
  return codec::to_double(scanned(text)).value_or(kNothing);
}

// A whole number that FP64 would change is none: it stays a text.
bool is_number_text(std::string_view text) {
  const codec::NumberText number = scanned(text);
  if (!number) return false;
  const double value = codec::to_double(number).value_or(std::numeric_limits<double>::infinity());
  const bool is_written_so = number.special == codec::NumberText::Special::Infinity;
  return std::isnan(value) || is_written_so ||
         (std::isfinite(value) && !(number.integral && std::abs(value) >= kFirstInexact));
}

std::string quoted(std::string_view name) {
  return "\"" + printable(name, 60) + "\"";
}

}  // namespace

Result<std::size_t> Columns::ensure(std::string_view name) {
  const auto at = std::ranges::find(columns_, name, &Column::name);
  if (at != columns_.end()) return static_cast<std::size_t>(at - columns_.begin());
  if (name.empty())
    return invalid_input("column " + std::to_string(columns_.size() + 1) + ": expected a name, found none");
  if (!is_valid_utf8(name)) return invalid_input("expected a column's name in UTF-8, found " + quoted(name));
  if (columns_.size() >= limits_.columns) {
    return invalid_input("expected at most " + std::to_string(limits_.columns) + " columns, found more");
  }
  // A row may name new columns: each has a cell in every row there is.
  TRY(check_cells(columns_.size() + 1));
  columns_.push_back({name, {}});
  return columns_.size() - 1;
}

Result<std::size_t> Columns::add(std::string_view name) {
  const std::size_t before = columns_.size();
  const std::size_t column = TRY(ensure(name));
  if (column < before) {
    return invalid_input("expected each column once, found " + quoted(name) + " as columns " +
                         std::to_string(column + 1) + " and " + std::to_string(before + 1));
  }
  return column;
}

Result<void> Columns::begin_row() {
  ++rows_;
  if (rows_ > limits_.rows)
    return invalid_input("expected at most " + std::to_string(limits_.rows) + " rows, found more");
  return check_cells(columns_.size());
}

Result<void> Columns::check_cells(std::size_t columns) const {
  if (rows_ * columns <= limits_.cells) return {};
  return invalid_input("expected at most " + std::to_string(limits_.cells) + " cells, found more");
}

Result<void> Columns::set(std::size_t column, std::string_view text, Written written) {
  Column& into = columns_[column];
  if (into.cells.size() >= rows_) return invalid_input(quoted(into.name) + " is there twice");
  if (!is_valid_utf8(text)) return invalid_input(quoted(into.name) + ": expected UTF-8, found " + quoted(text));
  into.cells.resize(rows_ - 1);
  into.cells.push_back({text, written});
  return {};
}

Result<ports::Table> Columns::finish() && {
  if (rows_ == 0) return invalid_input("expected at least one row, found none");
  ports::Table table{.rows = rows_, .columns = {}};
  for (Column& column : columns_) {
    column.cells.resize(rows_);
    ports::TableColumn made{.name = std::string(column.name), .numbers = {}, .texts = {}, .missing = {}};
    made.missing.resize(rows_);
    made.numbers.resize(rows_, kNothing);
    for (std::uint64_t row = 0; row < rows_; ++row) {
      const Cell& cell = column.cells[row];
      const bool is_there = cell.written != Written::Missing;
      const bool is_number = cell.written == Written::Bare && is_number_text(cell.text);
      if (is_number) made.numbers[row] = number_of(cell.text);
      made.missing[row] = !is_there || (is_number && std::isnan(made.numbers[row]));
      if (is_there && !is_number) made.kind = ports::CellKind::Text;
    }
    if (made.kind == ports::CellKind::Text) {
      made.numbers.clear();
      for (const Cell& cell : column.cells) made.texts.emplace_back(cell.text);
    }
    column.cells = {};
    table.columns.push_back(std::move(made));
  }
  return table;
}

}  // namespace slipway::table_text
