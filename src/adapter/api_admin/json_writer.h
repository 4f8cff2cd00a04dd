// JsonWriter: appends JSON text in the order it is told.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/text.h"

namespace slipway::api_admin {

// A value of one thread. Trusts its caller to open and close in pairs. Text from outside is escaped.
class JsonWriter {
 public:
  JsonWriter& open(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    separate();
    append_json_string(text_, name);
    text_ += ':';
    first_ = true;
    return *this;
  }
  JsonWriter& value(std::string_view text) {
    separate();
    append_json_string(text_, text);
    return *this;
  }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth) { return raw(truth ? "true" : "false"); }
  template <class Number, class = std::enable_if_t<std::is_arithmetic_v<Number>>>
  JsonWriter& value(Number number) {
    if constexpr (std::is_floating_point_v<Number>) {
      if (!std::isfinite(number)) return null();  // JSON has no word for it
    }
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return raw({digits, static_cast<std::size_t>(end - digits)});
  }
  JsonWriter& null() { return raw("null"); }
  template <class Value>
  JsonWriter& field(std::string_view name, const Value& held) {
    return key(name).value(held);
  }
  std::string take() { return std::move(text_); }

 private:
  JsonWriter& raw(std::string_view text) {
    separate();
    text_ += text;
    return *this;
  }
  void separate() {
    if (!first_) text_ += ',';
    first_ = false;
  }
  std::string text_;
  bool first_ = true;
};

}  // namespace slipway::api_admin
