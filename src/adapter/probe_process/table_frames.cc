#include "adapter/probe_process/table_frames.h"

#include <cstring>

#include "base/text.h"

namespace slipway::probe_process {
namespace {

Result<ports::TableColumn> read_column(FrameReader& frame, std::uint64_t rows) {
  ports::TableColumn column;
  column.name = TRY(frame.text());
  if (column.name.empty() || !is_valid_utf8(column.name)) return corrupt("a column without a name");
  const bool is_text = TRY(frame.number()) != 0;
  column.kind = is_text ? ports::CellKind::Text : ports::CellKind::Number;
  const ByteSpan missing = TRY(frame.span());
  if (missing.size() != rows) return corrupt("a column of another length");
  column.missing.reserve(rows);
  for (const std::byte one : missing) column.missing.push_back(one != std::byte{0});
  if (is_text) {
    for (std::uint64_t i = 0; i < rows; ++i) {
      column.texts.push_back(TRY(frame.text()));
      if (!is_valid_utf8(column.texts.back())) return corrupt("a text that is no UTF-8");
    }
    return column;
  }
  const ByteSpan numbers = TRY(frame.span());
  if (numbers.size() != rows * sizeof(double)) return corrupt("a column of another length");
  column.numbers.resize(rows);
  std::memcpy(column.numbers.data(), numbers.data(), numbers.size());
  return column;
}

}  // namespace

void write_table(const ports::Table& table, const std::function<void(const FrameWriter&)>& send) {
  FrameWriter head;
  head.number(table.rows);
  head.number(table.columns.size());
  send(head);
  for (const ports::TableColumn& column : table.columns) {
    FrameWriter frame;
    frame.text(column.name);
    frame.number(column.kind == ports::CellKind::Text);
    frame.text(std::string(column.missing.begin(), column.missing.end()));
    if (column.kind == ports::CellKind::Text) {
      for (const std::string& text : column.texts) frame.text(text);
    } else {
      frame.text({reinterpret_cast<const char*>(column.numbers.data()), column.numbers.size() * sizeof(double)});
    }
    send(frame);
  }
}

Result<ports::Table> read_table(FrameReader& frame, const ports::TableLimits& limits) {
  ports::Table table;
  table.rows = TRY(frame.number());
  const std::uint64_t columns = TRY(frame.number());
  const auto cells = checked_multiply(table.rows, columns);
  if (table.rows == 0 || columns == 0 || table.rows > limits.rows || columns > limits.columns || !cells ||
      *cells > limits.cells) {
    return corrupt("a table of " + std::to_string(table.rows) + " rows and " + std::to_string(columns) + " columns");
  }
  for (std::uint64_t i = 0; i < columns; ++i) {
    ports::TableColumn column = TRY(read_column(frame, table.rows));
    table.columns.push_back(std::move(column));
  }
  if (!frame.is_at_end()) return corrupt("more than the table");
  return table;
}

}  // namespace slipway::probe_process
