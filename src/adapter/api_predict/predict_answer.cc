#include "adapter/api_predict/predict_answer.h"

#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "adapter/codec/json_tensor.h"
#include "adapter/codec/number_text.h"
#include "base/text.h"
#include "domain/tensor/half.h"

namespace slipway::api_predict {
namespace {

using tensor::DataType;

bool is_integer(DataType type) {
  return type != DataType::Bytes && type != DataType::Bool && type != DataType::FP16 && type != DataType::BF16 &&
         type != DataType::FP32 && type != DataType::FP64;
}

template <class Stored>
Stored load(ByteSpan data, std::size_t index) {
  Stored value;
  std::memcpy(&value, data.data() + index * sizeof value, sizeof value);
  return value;
}

// Numbers of any type for comparing with labels; exact wherever a label's index can be.
double number_at(DataType type, ByteSpan data, std::size_t i) {
  switch (type) {
    case DataType::UInt8:
    case DataType::Bool:
      return load<std::uint8_t>(data, i);
    case DataType::UInt16:
      return load<std::uint16_t>(data, i);
    case DataType::UInt32:
      return load<std::uint32_t>(data, i);
    case DataType::UInt64:
      return static_cast<double>(load<std::uint64_t>(data, i));
    case DataType::Int8:
      return load<std::int8_t>(data, i);
    case DataType::Int16:
      return load<std::int16_t>(data, i);
    case DataType::Int32:
      return load<std::int32_t>(data, i);
    case DataType::Int64:
      return static_cast<double>(load<std::int64_t>(data, i));
    case DataType::FP16:
      return tensor::fp16_to_float(load<std::uint16_t>(data, i));
    case DataType::BF16:
      return tensor::bf16_to_float(load<std::uint16_t>(data, i));
    case DataType::FP32:
      return load<float>(data, i);
    case DataType::FP64:
      return load<double>(data, i);
    case DataType::Bytes:
      break;
  }
  return std::nan("");
}

// One row of one output.
struct Cell {
  DataType type;
  std::uint64_t count;
  ByteSpan data;
  const std::vector<std::string>& labels;
  bool distinct_labels;
};

void append_number(std::string& out, const Cell& cell, std::size_t index) {
  const std::size_t size = element_size(cell.type);
  std::string text;
  codec::append_json_elements(text, {{}, cell.type, {1}, cell.data.subspan(index * size, size)});
  out.append(text, 1, text.size() - 2);
}

bool are_probabilities(const Cell& cell) {
  double sum = 0;
  for (std::size_t i = 0; i < cell.count; ++i) {
    const double value = number_at(cell.type, cell.data, i);
    if (!(value >= 0 && value <= 1)) return false;
    sum += value;
  }
  return std::abs(sum - 1) < 1e-2;
}

void append_classes(std::string& out, const Cell& cell) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < cell.count; ++i) {
    const double value = number_at(cell.type, cell.data, i);
    const double leader = number_at(cell.type, cell.data, best);
    if (value > leader || (std::isnan(leader) && !std::isnan(value))) best = i;
  }
  out += "\"label\":";
  append_json_string(out, cell.labels[best]);
  out += are_probabilities(cell) ? ",\"probabilities\":{" : ",\"scores\":{";
  for (std::size_t i = 0; i < cell.count; ++i) {
    if (i != 0) out += ',';
    append_json_string(out, cell.labels[i]);
    out += ':';
    append_number(out, cell, i);
  }
  out += '}';
}

void append_text_label(std::string& out, std::string_view text) {
  out += "\"label\":";
  append_json_string(out, text);
}

// The fields of one output for one row, without braces.
void append_fields(std::string& out, const Cell& cell) {
  const bool numbers = cell.type != DataType::Bytes && cell.type != DataType::Bool;
  if (numbers && cell.count > 1 && cell.labels.size() == cell.count && cell.distinct_labels)
    return append_classes(out, cell);
  if (cell.count == 1 && cell.type == DataType::Bytes) {
    return append_text_label(out, tensor::next_bytes_element(cell.data).text);
  }
  if (cell.count == 1 && is_integer(cell.type) && !cell.labels.empty()) {
    const double index = number_at(cell.type, cell.data, 0);
    const bool is_label = index >= 0 && index < static_cast<double>(cell.labels.size());
    if (is_label && !cell.labels[static_cast<std::size_t>(index)].empty()) {
      return append_text_label(out, cell.labels[static_cast<std::size_t>(index)]);
    }
  }
  if (cell.count == 1 && numbers) {
    out += "\"value\":";
    return append_number(out, cell, 0);
  }
  out += "\"values\":";
  codec::append_json_elements(out, {{}, cell.type, {static_cast<std::int64_t>(cell.count)}, cell.data});
}

// The first `count` elements of `left`, which begins after them afterwards: strings have no fixed size, and finding
// each row from the front again would take time that grows with the square of the rows.
ByteSpan take_strings(ByteSpan& left, std::uint64_t count) {
  const ByteSpan from = left;
  for (std::uint64_t i = 0; i < count; ++i) left = tensor::next_bytes_element(left).rest;
  return from.first(from.size() - left.size());
}

// Called for ascending rows. `left`: what earlier rows have left of the output's strings.
Cell cell_of(const ports::Prediction& prediction, std::size_t output, std::uint64_t row, std::uint64_t rows,
             ByteSpan& left) {
  const tensor::TensorView& view = prediction.outputs[output];
  const tensor::TensorSpec& spec = prediction.served.manifest.signature.outputs[prediction.output_indices[output]];
  const std::uint64_t elements = *view.shape.element_count();
  const bool by_row = view.shape.rank() > 0 && static_cast<std::uint64_t>(view.shape[0]) == rows;
  // An output without rows answers the request as a whole; then there is one row.
  if (!by_row) return {view.datatype, elements, view.data, spec.labels, spec.distinct_labels};
  const std::uint64_t count = elements / rows;
  const bool strings = view.datatype == DataType::Bytes;
  return {view.datatype, count, strings ? take_strings(left, count) : rows_of(view, row, 1), spec.labels,
          spec.distinct_labels};
}

}  // namespace

void begin_predictions(std::string& out, const ports::ServedModel& served) {
  out += "{\"model\":";
  append_json_string(out, served.name.text());
  out += ",\"version\":" + served.version_text + ",\"predictions\":[";
}

void end_predictions(std::string& out) {
  out += "]}";
}

void append_predictions(std::string& out, const ports::Prediction& prediction, std::uint64_t rows) {
  const std::size_t outputs = prediction.outputs.size();
  std::vector<ByteSpan> left;
  for (const tensor::TensorView& view : prediction.outputs) left.push_back(view.data);
  for (std::uint64_t row = 0; row < rows; ++row) {
    out += row == 0 ? "{" : ",{";
    if (outputs != 1) out += "\"outputs\":{";
    for (std::size_t output = 0; output < outputs; ++output) {
      if (outputs != 1) {
        if (output != 0) out += ',';
        append_json_string(out, prediction.outputs[output].name);
        out += ":{";
      }
      append_fields(out, cell_of(prediction, output, row, rows, left[output]));
      if (outputs != 1) out += '}';
    }
    if (outputs != 1) out += '}';
    out += '}';
  }
}

}  // namespace slipway::api_predict
