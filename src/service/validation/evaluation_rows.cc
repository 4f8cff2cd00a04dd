#include "service/validation/evaluation_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "domain/tensor/half.h"

namespace slipway::validation {
namespace {

using tensor::DataType;

std::string quoted(std::string_view name) {
  return "\"" + printable(name, 60) + "\"";
}

template <class T>
void put(std::vector<std::byte>& data, std::uint64_t index, T value) {
  std::memcpy(data.data() + index * sizeof(T), &value, sizeof(T));
}

template <class T>
bool put_whole(std::vector<std::byte>& data, std::uint64_t index, double value) {
  if (!(value >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
        value <= static_cast<double>(std::numeric_limits<T>::max())) ||
      value != std::floor(value)) {
    return false;
  }
  put(data, index, static_cast<T>(value));
  return true;
}

bool put_number(DataType type, std::vector<std::byte>& data, std::uint64_t index, double value) {
  switch (type) {
    case DataType::FP32:
      put(data, index, static_cast<float>(value));
      return true;
    case DataType::FP64:
      put(data, index, value);
      return true;
    case DataType::FP16:
      put(data, index, tensor::float_to_fp16(static_cast<float>(value)));
      return true;
    case DataType::BF16:
      put(data, index, tensor::float_to_bf16(static_cast<float>(value)));
      return true;
    case DataType::Bool:
      put(data, index, static_cast<std::uint8_t>(value != 0));
      return value == 0 || value == 1;
    case DataType::UInt8:
      return put_whole<std::uint8_t>(data, index, value);
    case DataType::UInt16:
      return put_whole<std::uint16_t>(data, index, value);
    case DataType::UInt32:
      return put_whole<std::uint32_t>(data, index, value);
    case DataType::UInt64:
      return put_whole<std::uint64_t>(data, index, value);
    case DataType::Int8:
      return put_whole<std::int8_t>(data, index, value);
    case DataType::Int16:
      return put_whole<std::int16_t>(data, index, value);
    case DataType::Int32:
      return put_whole<std::int32_t>(data, index, value);
    case DataType::Int64:
      return put_whole<std::int64_t>(data, index, value);
    case DataType::Bytes:
      break;
  }
  return false;
}

Result<void> check_counts_rows(const tensor::TensorSpec& spec) {
  if (spec.shape.rank() > 0 && (spec.shape[0] == tensor::kFreeDimension || spec.shape[0] == 1)) return {};
  return invalid_input("input " + quoted(spec.name) + ": expected a first dimension that counts rows, found shape " +
                       spec.shape.to_string());
}

Result<std::vector<const ports::TableColumn*>> columns_of(const ports::Table& table, const tensor::RowPlan& plan,
                                                          std::size_t input) {
  std::vector<const ports::TableColumn*> columns;
  for (std::size_t i = 0; i < plan.columns().size(); ++i) {
    if (plan.columns()[i].input != input) continue;
    const std::string name = column_name(plan, i);
    columns.push_back(find_column(table, name));
    if (columns.back() == nullptr) return invalid_input("expected a column " + quoted(name) + ", found none");
  }
  return columns;
}

Result<tensor::Tensor> make_input(const ports::Table& table, const tensor::RowPlan& plan, std::size_t input) {
  const tensor::TensorSpec& spec = plan.signature().inputs[input];
  TRY(check_counts_rows(spec));
  const auto columns = TRY(columns_of(table, plan, input));
  tensor::Shape shape = spec.shape;
  shape.set(0, static_cast<std::int64_t>(table.rows));
  tensor::Tensor made{spec.name, spec.datatype, shape, {}};
  if (spec.datatype == DataType::Bytes) {
    for (std::uint64_t row = 0; row < table.rows; ++row) {
      for (const ports::TableColumn* column : columns) tensor::append_bytes_element(made.data, text_of(*column, row));
    }
    return made;
  }
  made.data.resize(table.rows * columns.size() * tensor::element_size(spec.datatype));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ports::TableColumn& column = *columns[i];
    for (std::uint64_t row = 0; row < table.rows; ++row) {
      const bool is_number = column.kind == ports::CellKind::Number;
      if (is_number && put_number(spec.datatype, made.data, row * columns.size() + i, column.numbers[row])) continue;
      return invalid_input("column " + quoted(column.name) + ", row " + std::to_string(row + 1) +
                           ": expected a value of " + std::string(name_of(spec.datatype)) + ", found " +
                           (column.missing[row] ? "none" : quoted(text_of(column, row))));
    }
  }
  return made;
}

const std::optional<tensor::ValueRange>* range_of(const tensor::TensorSpec& spec, std::size_t position) {
  if (spec.ranges.empty()) return nullptr;
  return &spec.ranges[spec.ranges.size() == 1 ? 0 : std::min(position, spec.ranges.size() - 1)];
}

}  // namespace

ports::RowSet EvaluationRows::set(std::string name) const {
  ports::RowSet set{std::move(name), rows, {}};
  for (const tensor::Tensor& input : inputs) set.inputs.push_back(input.view());
  return set;
}

const ports::TableColumn* find_column(const ports::Table& table, std::string_view name) {
  const auto at = std::ranges::find(table.columns, name, &ports::TableColumn::name);
  return at == table.columns.end() ? nullptr : &*at;
}

std::string column_name(const tensor::RowPlan& plan, std::size_t column) {
  const tensor::RowColumn& at = plan.columns()[column];
  if (!at.name.empty()) return at.name;
  return plan.signature().inputs[at.input].name + "[" + std::to_string(at.position) + "]";
}

Result<EvaluationRows> make_inputs(const ports::Table& table, const tensor::RowPlan& plan) {
  EvaluationRows made{.rows = table.rows, .inputs = {}};
  for (std::size_t input = 0; input < plan.signature().inputs.size(); ++input) {
    if (plan.signature().inputs[input].optional) continue;
    made.inputs.push_back(TRY(make_input(table, plan, input)));
  }
  return made;
}

gate::SchemaMeasurement look_at_schema(const ports::Table& table, const tensor::RowPlan& plan,
                                       const std::vector<std::string>& spoken_for) {
  gate::SchemaMeasurement found{.rows = table.rows, .columns = {}, .absent = {}, .unknown = {}};
  std::vector<std::string> expected = spoken_for;
  for (std::size_t i = 0; i < plan.columns().size(); ++i) {
    const tensor::RowColumn& place = plan.columns()[i];
    const tensor::TensorSpec& spec = plan.signature().inputs[place.input];
    expected.push_back(column_name(plan, i));
    const ports::TableColumn* column = find_column(table, expected.back());
    if (column == nullptr) {
      if (!spec.optional) found.absent.push_back(expected.back());
      continue;
    }
    const bool is_number = column->kind == ports::CellKind::Number;
    gate::ColumnFacts facts{.name = expected.back(),
                            .expected_type = std::string(name_of(spec.datatype)),
                            .found_type = is_number ? "number" : "text",
                            .type_fits = is_number || spec.datatype == DataType::Bytes};
    facts.missing = static_cast<std::uint64_t>(std::ranges::count(column->missing, true));
    const auto* range = range_of(spec, place.position);
    for (std::uint64_t row = 0; range && *range && is_number && row < table.rows; ++row) {
      const double value = column->numbers[row];
      facts.out_of_range += value < (*range)->low || value > (*range)->high;
    }
    found.columns.push_back(std::move(facts));
  }
  for (const ports::TableColumn& column : table.columns) {
    if (!std::ranges::count(expected, column.name)) found.unknown.push_back(column.name);
  }
  return found;
}

std::string text_of(const ports::TableColumn& column, std::uint64_t row) {
  if (column.kind == ports::CellKind::Text) return column.texts[row];
  if (column.missing[row]) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", column.numbers[row]);
  return text;
}

}  // namespace slipway::validation
