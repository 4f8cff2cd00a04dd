#include "adapter/plan_yaml/values.h"

#include <algorithm>
#include <cstdio>

namespace slipway::plan_yaml {
namespace {

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

Result<double> number_between(const yaml::Field& field, double least, double most) {
  const double value = TRY(field.number());
  if (value < least || value > most) {
    if (most >= 1e300) return field.expected(least < 0 ? "a number" : "a number that is not negative");
    return field.expected("a number from " + shown(least) + " to " + shown(most));
  }
  return value;
}

Result<Duration> duration(const yaml::Field& field) {
  const auto value = parse_duration(TRY(field.text()));
  if (!value.ok() || *value <= Duration{0}) return field.expected("a time such as 2ms");
  return *value;
}

Result<Bytes> amount(const yaml::Field& field) {
  const auto value = parse_bytes(TRY(field.text()));
  if (!value.ok()) return field.expected("an amount such as 512MiB");
  return *value;
}

Result<std::string> name(const yaml::Field& field) {
  std::string text = TRY(field.text());
  if (text.empty()) return field.expected("a text that is not empty");
  return text;
}

Result<std::vector<std::string>> names(const yaml::Field& field) {
  std::vector<std::string> all;
  for (const yaml::Field& item : TRY(field.items(kMostItems))) {
    all.push_back(TRY(name(item)));
    if (std::ranges::count(all, all.back()) > 1) return item.wrong("\"" + all.back() + "\" is there twice");
  }
  if (all.empty()) return field.expected("at least one");
  return all;
}

Result<std::size_t> one_of(const yaml::Field& field, std::span<const std::string_view> words) {
  const std::string text = TRY(field.text());
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (text == words[i]) return i;
    list += (i == 0 ? "" : ", ") + std::string(words[i]);
  }
  return field.expected("one of " + list);
}

}  // namespace slipway::plan_yaml
