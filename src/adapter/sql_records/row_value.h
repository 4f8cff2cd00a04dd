// How values of records stand in columns, and what is said when a column holds something else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
