#include "adapter/table_text/text_tables.h"

#include <array>

#include "adapter/codec/csv_lines.h"
#include "adapter/codec/json_reader.h"
#include "adapter/table_text/columns.h"
#include "base/text.h"

namespace slipway::table_text {
namespace {

std::string line(std::uint64_t number) {
  return "line " + std::to_string(number);
}

Result<void> read_csv(std::string_view text, Columns& columns, codec::Arena& arena) {
  codec::CsvLines lines(text, arena);
  std::vector<std::string_view> cells;
  if (!TRY(lines.next(cells))) return invalid_input("expected a heading with the columns' names, found nothing");
  for (const std::string_view name : cells) {
    auto added = columns.add(name);
    if (!added.ok()) return std::move(added).error().within(line(lines.number()));
  }
  while (TRY(lines.next(cells))) {
    if (cells.size() != columns.count()) {
      return invalid_input(line(lines.number()) + ": expected " + std::to_string(columns.count()) +
                           " cells as in the heading, found " + std::to_string(cells.size()));
    }
    auto row = columns.begin_row();
    for (std::size_t i = 0; row.ok() && i < cells.size(); ++i) {
      row = columns.set(i, cells[i], cells[i].empty() ? Written::Missing : Written::Bare);
    }
    if (!row.ok()) return std::move(row).error().within(line(lines.number()));
  }
  return {};
}

Result<void> read_value(codec::JsonReader& reader, std::size_t column, Columns& columns) {
  using Kind = codec::JsonReader::Kind;
  const Kind kind = reader.peek();
  if (kind == Kind::Number) {
    const auto number = reader.number();
    if (number) return columns.set(column, number.text(), Written::Bare);
  } else if (kind == Kind::String) {
    if (const auto text = reader.string()) return columns.set(column, *text, Written::Quoted);
  } else if (kind == Kind::Boolean) {
    if (const auto truth = reader.boolean()) return columns.set(column, *truth ? "1" : "0", Written::Bare);
  } else if (kind == Kind::Null) {
    if (reader.skip()) return columns.set(column, {}, Written::Missing);
  } else {
    reader.fail_expected("a number, a text, true, false or null");
  }
  return reader.error();
}

Result<void> read_object(std::string_view text, Columns& columns, codec::Arena& arena) {
  codec::JsonReader reader(text, arena);
  TRY(columns.begin_row());
  if (!reader.enter_object()) return reader.error();
  while (const auto key = reader.next_key()) {
    const std::size_t column = TRY(columns.ensure(*key));
    TRY(read_value(reader, column, columns));
  }
  if (reader.failed() || !reader.finish()) return reader.error();
  return {};
}

Result<void> read_json_lines(std::string_view text, Columns& columns, codec::Arena& arena) {
  std::uint64_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto read = read_object(one, columns, arena);
    if (!read.ok()) return std::move(read).error().within(line(number));
  }
  return {};
}

struct Format {
  std::string_view ending;
  Result<void> (*read)(std::string_view, Columns&, codec::Arena&);
};
constexpr std::array<Format, 3> kFormats = {
    {{".csv", read_csv}, {".jsonl", read_json_lines}, {".ndjson", read_json_lines}}};

}  // namespace

Result<ports::Table> TextTables::read(ByteSpan content, std::string_view name) {
  for (const Format& format : kFormats) {
    if (!name.ends_with(format.ending)) continue;
    codec::Arena arena;
    Columns columns(limits_);
    auto read = format.read(as_text(content), columns, arena);
    auto table = read.ok() ? std::move(columns).finish() : Result<ports::Table>(std::move(read).error());
    if (!table.ok()) return std::move(table).error().within(printable(name));
    return table;
  }
  return unimplemented(printable(name) + ": expected evaluation data that ends in .csv, .jsonl, .ndjson or .parquet");
}

}  // namespace slipway::table_text
