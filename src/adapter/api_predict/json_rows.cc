#include "adapter/api_predict/row_builder.h"
#include "base/text.h"

namespace slipway::api_predict {
namespace {

using codec::JsonReader;

constexpr std::string_view kForms =
    "{\"features\":{...}}, {\"features\":[{...}]}, {\"row\":[...]}, {\"rows\":[[...],...]}, a row or a list of rows";

// {"mean radius": 17.99, ...}
Result<void> read_named(JsonReader& reader, RowBuilder& rows) {
  const tensor::RowPlan& plan = rows.plan();
  if (!plan.has_names()) {
    return invalid_input("expected a row of " + std::to_string(plan.columns().size()) +
                         " values, found features by name: this model does not name its features");
  }
  rows.begin_row();
  if (!reader.enter_object()) return reader.error();
  while (const auto name = reader.next_key()) {
    const auto column = plan.find(*name);
    if (!column) return plan.unknown_feature(*name);
    TRY(rows.read(*column, reader));
  }
  if (reader.failed()) return reader.error();
  return rows.end_row();
}

// Values by place: flat, or nested in any way that reads as the same sequence, as images are.
Result<void> read_values(JsonReader& reader, RowBuilder& rows, std::size_t& column) {
  if (!reader.enter_array()) return reader.error();
  const std::size_t columns = rows.plan().columns().size();
  while (reader.next_element()) {
    if (reader.peek() == JsonReader::Kind::Array) {
      TRY(read_values(reader, rows, column));
      continue;
    }
    if (column == columns) {
      reader.fail("expected " + std::to_string(columns) + " values in a row, found more");
      return reader.error();
    }
    TRY(rows.read(column++, reader));
  }
  if (reader.failed()) return reader.error();
  return {};
}

Result<void> read_positional(JsonReader& reader, RowBuilder& rows) {
  rows.begin_row();
  std::size_t column = 0;
  const std::size_t begin = reader.offset();
  TRY(read_values(reader, rows, column));
  const std::size_t columns = rows.plan().columns().size();
  if (column == columns) return rows.end_row();
  reader.fail_at(begin, "expected " + std::to_string(columns) + " values in a row, found " + std::to_string(column));
  return reader.error();
}

Result<void> read_row(JsonReader& reader, RowBuilder& rows) {
  return reader.peek() == JsonReader::Kind::Object ? read_named(reader, rows) : read_positional(reader, rows);
}

Result<void> read_list(JsonReader& reader, RowBuilder& rows) {
  if (!reader.enter_array()) return reader.error();
  while (reader.next_element()) TRY(read_row(reader, rows));
  if (reader.failed()) return reader.error();
  return {};
}

// A row or a list of rows without anything around it: the first element tells which.
Result<void> read_bare(JsonReader& reader, RowBuilder& rows) {
  const std::size_t begin = reader.offset();
  if (!reader.enter_array()) return reader.error();
  const JsonReader::Kind first = reader.peek();
  reader.leave_to(begin);
  const bool list = first == JsonReader::Kind::Array || first == JsonReader::Kind::Object;
  TRY(list ? read_list(reader, rows) : read_positional(reader, rows));
  if (!reader.finish()) return reader.error();
  return {};
}

}  // namespace

Result<void> read_json_rows(ByteSpan body, RowBuilder& rows, codec::Arena& arena) {
  JsonReader reader(as_text(body), arena);
  if (reader.peek() == JsonReader::Kind::Array) return read_bare(reader, rows);
  if (!reader.enter_object()) return reader.error();
  bool found = false;
  while (const auto key = reader.next_key()) {
    if (*key != "features" && *key != "row" && *key != "rows") {
      return invalid_input("unknown key \"" + printable(*key, 60) + "\": expected " + std::string(kForms));
    }
    if (std::exchange(found, true)) return invalid_input("expected one of features, row and rows, found several");
    if (*key == "rows" || (*key == "features" && reader.peek() == JsonReader::Kind::Array)) {
      TRY(read_list(reader, rows));
    } else {
      TRY(*key == "row" ? read_positional(reader, rows) : read_named(reader, rows));
    }
  }
  if (reader.failed() || !reader.finish()) return reader.error();
  if (!found) return invalid_input("expected " + std::string(kForms) + ", found an empty object");
  return {};
}

}  // namespace slipway::api_predict
