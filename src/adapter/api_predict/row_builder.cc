#include "adapter/api_predict/row_builder.h"

#include <algorithm>

#include "adapter/codec/json_element.h"

namespace slipway::api_predict {

void RowBuilder::begin_row() {
  std::fill(given_.begin(), given_.end(), false);
}

// A row's place in an input's data begins with its first value: an optional input that stays out takes no memory.
std::byte* RowBuilder::place_of(std::size_t column) {
  const tensor::RowColumn& at = plan_.columns()[column];
  const std::size_t size = element_size(spec_of(column).datatype);
  const std::size_t row = used_[at.input] * size * plan_.values_per_row(at.input);
  std::vector<std::byte>& data = data_[at.input];
  if (data.size() == row) data.resize(row + size * plan_.values_per_row(at.input));
  return data.data() + row + size * at.position;
}

Bytes RowBuilder::held() const {
  Bytes sum;
  for (const auto& data : data_) sum.count += data.capacity();
  return sum;
}

Result<void> RowBuilder::take(std::size_t column) {
  if (given_[column]) return invalid_input(plan_.describe(column) + " is given twice in one row");
  given_[column] = true;
  return {};
}

Result<void> RowBuilder::read(std::size_t column, codec::JsonReader& reader) {
  TRY(take(column));
  const tensor::TensorSpec& spec = spec_of(column);
  bool read = false;
  if (spec.datatype == tensor::DataType::Bytes) {
    const auto text = reader.string();
    read = text.has_value();
    texts_[column] = text.value_or("");
  } else {
    read = read_json_element(reader, spec.datatype, place_of(column));
  }
  if (read) return {};
  return reader.error().within(plan_.describe(column));
}

Result<void> RowBuilder::set_text(std::size_t column, std::string_view text) {
  TRY(take(column));
  texts_[column] = text;
  return {};
}

Result<void> RowBuilder::check_given() {
  for (std::size_t first = 0; first < given_.size();) {
    const std::size_t input = plan_.columns()[first].input;
    const std::size_t end = first + plan_.values_per_row(input);
    const auto missing = std::find(given_.begin() + static_cast<std::ptrdiff_t>(first),
                                   given_.begin() + static_cast<std::ptrdiff_t>(end), false);
    const auto at = static_cast<std::size_t>(missing - given_.begin());
    const bool none = std::find(given_.begin() + static_cast<std::ptrdiff_t>(first),
                                given_.begin() + static_cast<std::ptrdiff_t>(end),
                                true) == given_.begin() + static_cast<std::ptrdiff_t>(end);
    if (at < end && !(none && plan_.signature().inputs[input].optional)) {
      return invalid_input(plan_.describe(at) + " is missing");
    }
    used_[input] += none ? 0 : 1;
    first = end;
  }
  return {};
}

Result<void> RowBuilder::end_row() {
  TRY(check_given());
  for (std::size_t column = 0; column < texts_.size(); ++column) {
    if (given_[column] && spec_of(column).datatype == tensor::DataType::Bytes) {
      tensor::append_bytes_element(data_[plan_.columns()[column].input], texts_[column]);
    }
  }
  ++rows_;
  return {};
}

Result<std::vector<BuiltInput>> RowBuilder::finish() const {
  if (rows_ == 0) return invalid_input("expected at least one row, found none");
  std::vector<BuiltInput> inputs;
  for (std::size_t input = 0; input < data_.size(); ++input) {
    const tensor::TensorSpec& spec = plan_.signature().inputs[input];
    if (used_[input] == 0 && plan_.values_per_row(input) > 0) continue;
    if (used_[input] != rows_ && plan_.values_per_row(input) > 0) {
      return invalid_input("optional input \"" + spec.name + "\": expected in every row or in none, found in " +
                           std::to_string(used_[input]) + " of " + std::to_string(rows_));
    }
    inputs.push_back({input, data_[input]});
  }
  return inputs;
}

}  // namespace slipway::api_predict
