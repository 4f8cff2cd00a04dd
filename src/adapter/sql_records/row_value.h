// How values of records stand in columns, and what is said when a column holds something else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace slipway::sql_records {

inline std::int64_t micros(WallTime time) {
  return time.time_since_epoch().count();
}
inline std::int64_t flag(bool value) {
  return value ? 1 : 0;
}
inline WallTime time_of(std::int64_t micros) {
  return WallTime(WallTime::duration(micros));
}
inline std::uint64_t count_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}
// The largest number a column takes stands for every larger one.
inline std::uint64_t bounded(std::uint64_t number) {
  return std::min(number, static_cast<std::uint64_t>(INT64_MAX));
}

// Names, none of which has a line break: each in a line of its own.
inline std::string lines_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : "\n") + name;
  return text;
}
inline std::vector<std::string> lines_in(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

// What parses a value from outside judges one from the database too; there its refusal means damage.
template <class T>
Result<T> sound(Result<T> parsed, std::string_view column) {
  if (parsed) return parsed;
  return corrupt("the database, " + std::string(column) + ": " + parsed.error().message);
}
template <class T>
Result<T> sound(const std::optional<T>& parsed, std::string_view column, std::string_view found) {
  if (parsed) return *parsed;
  return corrupt("the database, " + std::string(column) + ": found \"" + std::string(found) + "\"");
}

}  // namespace slipway::sql_records
