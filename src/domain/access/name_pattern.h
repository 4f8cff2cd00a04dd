// NamePattern: which models a token or a policy is about: "fraud", "team-a-*", "*".
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::access {

// A value. '*' stands for any run of characters, also none; everything else for itself, byte by byte.
class NamePattern {
 public:
  // InvalidInput: empty, above 255 bytes, not UTF-8, with control characters, '/' or ':', or with more than 8 '*'.
  static Result<NamePattern> parse(std::string_view text);

  bool matches(std::string_view name) const;
  const std::string& text() const { return text_; }
  auto operator<=>(const NamePattern&) const = default;

 private:
  explicit NamePattern(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace slipway::access
