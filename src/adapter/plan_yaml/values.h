// Values of a plan file's keys, each within what it may be.
#pragma once

#include <array>
#include <optional>

#include "adapter/yaml/field.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace slipway::plan_yaml {

inline constexpr std::size_t kMostItems = 256;  // of any list in a plan
inline constexpr std::int64_t kMostRows = 1'000'000'000;

Result<double> number_between(const yaml::Field& field, double least, double most);
Result<Duration> duration(const yaml::Field& field);
Result<Bytes> amount(const yaml::Field& field);
Result<std::string> name(const yaml::Field& field);  // text that is not empty
Result<std::vector<std::string>> names(const yaml::Field& field);
// The place of the text among `words`.
Result<std::size_t> one_of(const yaml::Field& field, std::span<const std::string_view> words);

// Reads `key` of a mapping into `value` where it is there.
template <class Value, class Read>
Result<void> take(const yaml::Field& mapping, std::string_view key, Value& value, Read&& read) {
  const auto field = mapping.find(key);
  if (!field) return {};
  auto found = read(*field);
  if (!found.ok()) return std::move(found).error();
  value = *std::move(found);
  return {};
}

inline auto rate = [](const yaml::Field& field) { return number_between(field, 0, 1); };
inline auto not_negative = [](const yaml::Field& field) { return number_between(field, 0, 1e300); };
inline auto any_number = [](const yaml::Field& field) { return number_between(field, -1e300, 1e300); };
inline auto inside_unit = [](const yaml::Field& field) { return number_between(field, 1e-9, 1 - 1e-9); };
inline auto rows = [](const yaml::Field& field) { return field.integer(1, kMostRows); };

}  // namespace slipway::plan_yaml
