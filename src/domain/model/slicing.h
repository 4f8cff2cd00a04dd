// Slicing: by what the requests to one model are told apart, so that harm to some of them is not lost among all.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::model {

inline constexpr std::size_t kMostSliceColumns = 16;
inline constexpr std::size_t kMostSliceValues = 64;    // of all columns together
inline constexpr std::size_t kLongestSliceText = 256;  // of a value, and of what it is read from
inline constexpr std::uint32_t kMostSliceElement = 65'535;
inline constexpr std::uint32_t kMostSliceLabels = 65'536;             // ways to have a value, or none, in each column
inline constexpr std::string_view kSliceHeader = "x-slipway-slice-";  // and the column: who does not say otherwise

// What a request's value of a column is read from.
struct SliceSource {
  enum class Kind : std::uint8_t {
    Header,     // `name`, in lower case
    Query,      // the parameter `name` of its address
    Input,      // of the tensor `name` the element `element`, in row-major order: a text or a number
    Principal,  // who asks
  };
  Kind kind = Kind::Header;
  std::string name;
  std::uint32_t element = 0;
  bool operator==(const SliceSource&) const = default;
};

// "header x-country", "query country", "input features[3]", "principal"; nullopt: it is none.
std::optional<SliceSource> parse_slice_source(std::string_view text);
std::string text_of(const SliceSource& source);

struct SliceColumn {
  std::string name;  // of a-z A-Z 0-9 - _ .
  SliceSource source;
  std::vector<std::string> values;  // what has another one, or none, lies in no slice of this column
  bool operator==(const SliceColumn&) const = default;
};

// A value; part of AssignmentRule.
struct Slicing {
  std::vector<SliceColumn> columns;
  bool operator==(const Slicing&) const = default;
};

// InvalidInput names the column: texts that are empty, too long or do not print, names twice, more than the limits.
Result<void> check(const Slicing& slicing);

// A request's places in all columns as one number, so that a record has room for it: of each column 0, or 1 + the place
// of its value. 0: it lies in no slice. Requires: `slicing` is checked, and each place is one of its column's.
std::uint16_t slice_label(const Slicing& slicing, std::span<const std::uint32_t> places);
// The place in one column. Any label gives one of that column's.
std::uint32_t slice_place(const Slicing& slicing, std::uint16_t label, std::size_t column);

}  // namespace slipway::model
