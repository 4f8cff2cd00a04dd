#include "service/serving/request_slices.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "domain/tensor/half.h"

namespace slipway::serving {
namespace {

using model::SliceSource;

// The shortest decimal text of a number: "3", "-0.5".
using NumberText = std::array<char, 32>;

std::string_view written(NumberText& text, auto number) {
  const auto [end, status] = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), static_cast<std::size_t>(end - text.data())};
}

template <class Number>
Number number_at(ByteSpan data, std::size_t element) {
  Number number{};
  std::memcpy(&number, data.data() + element * sizeof number, sizeof number);
  return number;
}

// nullopt: the lengths before it are not those of texts.
std::optional<std::string_view> text_at(ByteSpan data, std::size_t element) {
  std::string_view rest = as_text(data);
  for (;; --element) {
    std::uint32_t length = 0;
    if (rest.size() < sizeof length) return std::nullopt;
    std::memcpy(&length, rest.data(), sizeof length);
    rest.remove_prefix(sizeof length);
    if (rest.size() < length) return std::nullopt;
    if (element == 0) return rest.substr(0, length);
    rest.remove_prefix(length);
  }
}

// As text; nullopt: there is no such element.
std::optional<std::string_view> element_of(const tensor::TensorView& view, std::size_t element, NumberText& text) {
  if (view.datatype == tensor::DataType::Bytes) return text_at(view.data, element);
  const std::size_t size = tensor::element_size(view.datatype);
  if (view.data.size() / size <= element) return std::nullopt;
  switch (view.datatype) {
    using enum tensor::DataType;
    case Bool:
      return number_at<std::uint8_t>(view.data, element) == 0 ? "false" : "true";
    case UInt8:
      return written(text, number_at<std::uint8_t>(view.data, element));
    case UInt16:
      return written(text, number_at<std::uint16_t>(view.data, element));
    case UInt32:
      return written(text, number_at<std::uint32_t>(view.data, element));
    case UInt64:
      return written(text, number_at<std::uint64_t>(view.data, element));
    case Int8:
      return written(text, number_at<std::int8_t>(view.data, element));
    case Int16:
      return written(text, number_at<std::int16_t>(view.data, element));
    case Int32:
      return written(text, number_at<std::int32_t>(view.data, element));
    case Int64:
      return written(text, number_at<std::int64_t>(view.data, element));
    case FP16:
      return written(text, tensor::fp16_to_float(number_at<std::uint16_t>(view.data, element)));
    case BF16:
      return written(text, tensor::bf16_to_float(number_at<std::uint16_t>(view.data, element)));
    case FP32:
      return written(text, number_at<float>(view.data, element));
    case FP64:
      return written(text, number_at<double>(view.data, element));
    case Bytes:
      break;
  }
  return std::nullopt;
}

std::uint32_t place_of(const model::SliceColumn& column, std::string_view value) {
  const auto found = std::ranges::find(column.values, value);
  return found == column.values.end() ? 0 : static_cast<std::uint32_t>(1 + (found - column.values.begin()));
}

// nullopt: it cannot be asked.
std::optional<std::uint32_t> place_of(const model::SliceColumn& column, const ports::PredictRequest& request) {
  const SliceSource& source = column.source;
  if (source.kind == SliceSource::Kind::Input) {
    const auto input = std::ranges::find(request.inputs, source.name, &tensor::TensorView::name);
    if (input == request.inputs.end()) return std::nullopt;
    NumberText text;
    const auto value = element_of(*input, source.element, text);
    return value ? place_of(column, *value) : 0;
  }
  if (request.caller == nullptr) return std::nullopt;
  switch (source.kind) {
    case SliceSource::Kind::Header:
      return place_of(column, request.caller->header(source.name));
    case SliceSource::Kind::Query:
      return place_of(column, request.caller->query(source.name));
    case SliceSource::Kind::Principal:
      return place_of(column, request.caller->principal().name);
    case SliceSource::Kind::Input:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::uint16_t request_slices(const model::Slicing& slicing, const ports::PredictRequest& request,
                             std::uint16_t before) {
  std::array<std::uint32_t, model::kMostSliceColumns> places{};
  const std::size_t count = std::min(slicing.columns.size(), places.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = place_of(slicing.columns[i], request);
    places.at(i) = place ? *place : model::slice_place(slicing, before, i);
  }
  return model::slice_label(slicing, std::span(places).first(count));
}

}  // namespace slipway::serving
