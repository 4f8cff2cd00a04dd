#include <algorithm>
#include <optional>

#include "adapter/api_predict/row_builder.h"
#include "adapter/codec/csv_lines.h"
#include "base/text.h"

namespace slipway::api_predict {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A line is a heading if it names a feature, or holds a word where every column is a number.
bool is_heading(const tensor::RowPlan& plan, const std::vector<std::string_view>& cells) {
  if (std::ranges::any_of(cells, [&](std::string_view cell) { return plan.find(trimmed(cell)).has_value(); }))
    return true;
  const auto& inputs = plan.signature().inputs;
  const bool numbers = std::ranges::none_of(inputs, [](const tensor::TensorSpec& spec) {
    return spec.datatype == tensor::DataType::Bytes || spec.datatype == tensor::DataType::Bool;
  });
  return numbers && plan.has_names() && std::ranges::any_of(cells, [](std::string_view cell) {
           const std::string_view text = trimmed(cell);
           const codec::NumberText number = codec::scan_number(text.data(), text.data() + text.size());
           return !text.empty() && number.end != text.data() + text.size();
         });
}

Result<std::vector<std::size_t>> columns_of(const tensor::RowPlan& plan, const std::vector<std::string_view>& heading) {
  std::vector<std::size_t> columns;
  for (const std::string_view cell : heading) {
    const auto column = plan.find(trimmed(cell));
    if (!column) return plan.unknown_feature(trimmed(cell));
    columns.push_back(*column);
  }
  return columns;
}

Result<void> read_cell(RowBuilder& rows, std::size_t column, std::string_view cell, codec::Arena& arena) {
  const tensor::RowPlan& plan = rows.plan();
  const tensor::DataType type = plan.signature().inputs[plan.columns()[column].input].datatype;
  if (type == tensor::DataType::Bytes) {
    if (!is_valid_utf8(cell)) return invalid_input(plan.describe(column) + ": expected UTF-8, found other bytes");
    return rows.set_text(column, cell);
  }
  const std::string_view text = trimmed(cell);
  if (text.empty()) {
    return invalid_input(plan.describe(column) +
                         ": expected a value, found an empty cell: write NaN where the model takes it");
  }
  codec::JsonReader reader(text, arena);
  const auto read = rows.read(column, reader);
  if (read && reader.finish()) return {};
  return invalid_input(plan.describe(column) + ": expected a value of " + std::string(name_of(type)) + ", found \"" +
                       printable(text, 40) + "\"");
}

}  // namespace

Result<void> read_csv_rows(ByteSpan body, RowBuilder& rows, codec::Arena& arena) {
  const tensor::RowPlan& plan = rows.plan();
  codec::CsvLines lines(as_text(body), arena);
  std::vector<std::string_view> cells;
  std::optional<std::vector<std::size_t>> order;  // from the heading; none: as the model has them
  const std::size_t columns = plan.columns().size();
  while (TRY(lines.next(cells))) {
    const auto where = [&] { return "line " + std::to_string(lines.number()); };
    if (lines.number() == 1 && is_heading(plan, cells)) {
      auto named = columns_of(plan, cells);
      if (!named) return std::move(named).error().within(where());
      order = *std::move(named);
      continue;
    }
    const std::size_t expected = order ? order->size() : columns;
    if (cells.size() != expected) {
      return invalid_input(where() + ": expected " + std::to_string(expected) + " values, found " +
                           std::to_string(cells.size()));
    }
    rows.begin_row();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      auto read = read_cell(rows, order ? (*order)[i] : i, cells[i], arena);
      if (!read) return std::move(read).error().within(where());
    }
    auto ended = rows.end_row();
    if (!ended) return std::move(ended).error().within(where());
  }
  return {};
}

}  // namespace slipway::api_predict
