#include "domain/model/slicing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/text.h"

namespace slipway::model {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"header", "query", "input", "principal"};

Result<void> check_text(const std::string& field, std::string_view text) {
  if (text.empty() || text.size() > kLongestSliceText) {
    return invalid_input(field + ": expected 1 to " + std::to_string(kLongestSliceText) + " bytes, found " +
                         std::to_string(text.size()));
  }
  if (is_valid_utf8(text) && !has_control_characters(text)) return {};
  return invalid_input(field + ": expected UTF-8 that prints, found \"" + printable(text) + "\"");
}

bool is_word(std::string_view text, bool may_have_capitals) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
           (may_have_capitals && c >= 'A' && c <= 'Z');
  });
}

Result<void> check_column(const SliceColumn& column) {
  TRY(check_text("name", column.name));
  if (!is_word(column.name, true)) {
    return invalid_input("name: expected one of a-z A-Z 0-9 - _ ., found \"" + printable(column.name) + "\"");
  }
  const SliceSource& source = column.source;
  if (source.kind != SliceSource::Kind::Principal) TRY(check_text("what it is read from", source.name));
  if (source.kind == SliceSource::Kind::Header && !is_word(source.name, false)) {
    return invalid_input("expected a header's name of a-z 0-9 - _ ., found \"" + printable(source.name) +
                         "\"; a column of another name needs to say what it is read from");
  }
  if (source.element > kMostSliceElement) {
    return invalid_input("expected an element up to " + std::to_string(kMostSliceElement) + ", found " +
                         std::to_string(source.element));
  }
  if (column.values.empty()) return invalid_input("expected at least one value, found none");
  std::set<std::string_view> values;
  for (const std::string& value : column.values) {
    TRY(check_text("value", value));
    if (!values.insert(value).second) return invalid_input("expected each value once, found \"" + value + "\" twice");
  }
  return {};
}

}  // namespace

std::optional<SliceSource> parse_slice_source(std::string_view text) {
  const std::size_t space = text.find(' ');
  const auto kind = std::ranges::find(kKinds, text.substr(0, space));
  if (kind == kKinds.end()) return std::nullopt;
  SliceSource source{.kind = static_cast<SliceSource::Kind>(kind - kKinds.begin())};
  std::string_view name = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  if (name.empty() != (source.kind == SliceSource::Kind::Principal)) return std::nullopt;
  if (source.kind == SliceSource::Kind::Input && name.ends_with(']')) {
    const std::size_t open = name.rfind('[');
    if (open == std::string_view::npos) return std::nullopt;
    const char* const end = name.data() + name.size() - 1;
    const auto [read, status] = std::from_chars(name.data() + open + 1, end, source.element);
    if (status != std::errc{} || read != end) return std::nullopt;
    name = name.substr(0, open);
  }
  source.name = name;
  return source;
}

std::string text_of(const SliceSource& source) {
  std::string text(kKinds.at(static_cast<std::size_t>(source.kind)));
  if (source.kind == SliceSource::Kind::Principal) return text;
  text += " " + source.name;
  const bool is_indexed = source.element != 0 || source.name.ends_with(']');
  return source.kind == SliceSource::Kind::Input && is_indexed ? text + "[" + std::to_string(source.element) + "]"
                                                               : text;
}

Result<void> check(const Slicing& slicing) {
  if (slicing.columns.size() > kMostSliceColumns) {
    return invalid_input("slices: expected at most " + std::to_string(kMostSliceColumns) + " columns, found " +
                         std::to_string(slicing.columns.size()));
  }
  std::set<std::string_view> names;
  std::uint64_t labels = 1;
  std::size_t values = 0;
  for (const SliceColumn& column : slicing.columns) {
    const auto checked = check_column(column);
    if (!checked.ok()) return Error(checked.error()).within("slices: column \"" + printable(column.name, 80) + "\"");
    if (!names.insert(column.name).second) {
      return invalid_input("slices: expected each column once, found \"" + column.name + "\" twice");
    }
    values += column.values.size();
    labels = std::min<std::uint64_t>(labels * (column.values.size() + 1), kMostSliceLabels + 1);
  }
  if (values > kMostSliceValues) {
    return invalid_input("slices: expected at most " + std::to_string(kMostSliceValues) +
                         " values of all columns together, found " + std::to_string(values));
  }
  if (labels <= kMostSliceLabels) return {};
  return invalid_input("slices: expected at most " + std::to_string(kMostSliceLabels) +
                       " ways to have a value or none in each column, found more: fewer columns, or fewer values");
}

std::uint16_t slice_label(const Slicing& slicing, std::span<const std::uint32_t> places) {
  std::uint32_t label = 0, unit = 1;
  for (std::size_t i = 0; i < slicing.columns.size(); ++i) {
    label += unit * places[i];
    unit *= static_cast<std::uint32_t>(slicing.columns[i].values.size() + 1);
  }
  return static_cast<std::uint16_t>(label);
}

std::uint32_t slice_place(const Slicing& slicing, std::uint16_t label, std::size_t column) {
  std::uint32_t rest = label;
  for (std::size_t i = 0; i < column; ++i) rest /= static_cast<std::uint32_t>(slicing.columns[i].values.size() + 1);
  return rest % static_cast<std::uint32_t>(slicing.columns[column].values.size() + 1);
}

}  // namespace slipway::model
