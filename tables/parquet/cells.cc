#include "cells.h"

#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>

#include <cmath>
#include <limits>

namespace slipway_parquet {
namespace {

constexpr double kFirstInexact = 9007199254740992.0;  // 2^53: from here on whole numbers are not told apart
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// Adds the cells of arrays to a column whose kind is settled.
class Gatherer {
 public:
  Gatherer(Cells& cells, std::uint64_t text_bytes) : cells_(cells), text_bytes_(text_bytes) {}

  arrow::Status add(const arrow::Array& array) {
    if (array.type_id() == arrow::Type::DICTIONARY)
      return add_dictionary(static_cast<const arrow::DictionaryArray&>(array));
    for (std::int64_t i = 0; i < array.length(); ++i) ARROW_RETURN_NOT_OK(add_cell(array, i));
    return arrow::Status::OK();
  }

 private:
  arrow::Status add_dictionary(const arrow::DictionaryArray& array) {
    const arrow::Array& values = *array.dictionary();
    for (std::int64_t i = 0; i < array.length(); ++i) {
      if (array.IsNull(i)) {
        ARROW_RETURN_NOT_OK(add_missing());
        continue;
      }
      const std::int64_t at = array.GetValueIndex(i);
      if (at < 0 || at >= values.length()) return arrow::Status::Invalid("a cell refers to no word of its dictionary");
      ARROW_RETURN_NOT_OK(add_cell(values, at));
    }
    return arrow::Status::OK();
  }

  arrow::Status add_missing() {
    cells_.missing.push_back(1);
    if (cells_.is_text)
      cells_.text_ends.push_back(cells_.texts.size());
    else
      cells_.numbers.push_back(kNothing);
    return arrow::Status::OK();
  }

  arrow::Status add_number(double value) {
    if (std::isnan(value)) return add_missing();
    cells_.missing.push_back(0);
    cells_.numbers.push_back(value);
    return arrow::Status::OK();
  }

  arrow::Status add_text(std::string_view text) {
    if (text.size() > text_bytes_ - cells_.texts.size()) {
      return arrow::Status::Invalid("expected at most ", text_bytes_, " bytes of texts, found more");
    }
    cells_.missing.push_back(0);
    cells_.texts += text;
    cells_.text_ends.push_back(cells_.texts.size());
    return arrow::Status::OK();
  }

  template <class Array>
  arrow::Status add_whole(const arrow::Array& array, std::int64_t i) {
    const auto value = static_cast<const Array&>(array).Value(i);
    return cells_.is_text ? add_text(std::to_string(value)) : add_number(static_cast<double>(value));
  }

  arrow::Status add_cell(const arrow::Array& array, std::int64_t i) {
    if (array.IsNull(i)) return add_missing();
    switch (array.type_id()) {
      case arrow::Type::BOOL:
        return add_number(static_cast<const arrow::BooleanArray&>(array).Value(i) ? 1 : 0);
      case arrow::Type::INT8:
        return add_whole<arrow::Int8Array>(array, i);
      case arrow::Type::INT16:
        return add_whole<arrow::Int16Array>(array, i);
      case arrow::Type::INT32:
        return add_whole<arrow::Int32Array>(array, i);
      case arrow::Type::INT64:
        return add_whole<arrow::Int64Array>(array, i);
      case arrow::Type::UINT8:
        return add_whole<arrow::UInt8Array>(array, i);
      case arrow::Type::UINT16:
        return add_whole<arrow::UInt16Array>(array, i);
      case arrow::Type::UINT32:
        return add_whole<arrow::UInt32Array>(array, i);
      case arrow::Type::UINT64:
        return add_whole<arrow::UInt64Array>(array, i);
      case arrow::Type::HALF_FLOAT:
        return add_number(
            arrow::util::Float16::FromBits(static_cast<const arrow::HalfFloatArray&>(array).Value(i)).ToDouble());
      case arrow::Type::FLOAT:
        return add_number(static_cast<const arrow::FloatArray&>(array).Value(i));
      case arrow::Type::DOUBLE:
        return add_number(static_cast<const arrow::DoubleArray&>(array).Value(i));
      case arrow::Type::DECIMAL32:
      case arrow::Type::DECIMAL64:
      case arrow::Type::DECIMAL128:
      case arrow::Type::DECIMAL256: {
        ARROW_ASSIGN_OR_RAISE(const auto scalar, array.GetScalar(i));
        return add_number(std::strtod(scalar->ToString().c_str(), nullptr));
      }
      case arrow::Type::STRING:
        return add_text(static_cast<const arrow::StringArray&>(array).GetView(i));
      case arrow::Type::LARGE_STRING:
        return add_text(static_cast<const arrow::LargeStringArray&>(array).GetView(i));
      case arrow::Type::STRING_VIEW:
        return add_text(static_cast<const arrow::StringViewArray&>(array).GetView(i));
      default: {
        ARROW_ASSIGN_OR_RAISE(const auto scalar, array.GetScalar(i));
        return add_text(scalar->ToString());
      }
    }
  }

  Cells& cells_;
  const std::uint64_t text_bytes_;
};

const arrow::DataType& meant(const arrow::DataType& type) {
  return type.id() == arrow::Type::DICTIONARY ? *static_cast<const arrow::DictionaryType&>(type).value_type() : type;
}

// Texts, or none if the type has no cells.
arrow::Result<bool> is_text(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
    case arrow::Type::DURATION:
      return true;
    case arrow::Type::NA:
    case arrow::Type::BOOL:
      return false;
    default:
      if (arrow::is_numeric(type.id()) || arrow::is_decimal(type.id())) return false;
      return arrow::Status::Invalid("expected numbers, texts, times or truths, found ", type.ToString());
  }
}

bool has_inexact(const arrow::Array& array) {
  if (array.type_id() == arrow::Type::DICTIONARY) {
    return has_inexact(*static_cast<const arrow::DictionaryArray&>(array).dictionary());
  }
  const bool is_signed = array.type_id() == arrow::Type::INT64;
  if (!is_signed && array.type_id() != arrow::Type::UINT64) return false;
  for (std::int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    const double value = is_signed ? static_cast<double>(static_cast<const arrow::Int64Array&>(array).Value(i))
                                   : static_cast<double>(static_cast<const arrow::UInt64Array&>(array).Value(i));
    if (std::abs(value) >= kFirstInexact) return true;
  }
  return false;
}

}  // namespace

arrow::Result<Cells> cells_of(const arrow::ChunkedArray& column, std::uint64_t text_bytes) {
  Cells cells;
  ARROW_ASSIGN_OR_RAISE(cells.is_text, is_text(meant(*column.type())));
  for (const auto& chunk : column.chunks()) {
    // Lengths and offsets of a hostile file are checked here, once, and not at each cell.
    ARROW_RETURN_NOT_OK(chunk->ValidateFull());
    cells.is_text = cells.is_text || has_inexact(*chunk);
  }
  Gatherer gatherer(cells, text_bytes);
  for (const auto& chunk : column.chunks()) ARROW_RETURN_NOT_OK(gatherer.add(*chunk));
  return cells;
}

}  // namespace slipway_parquet
