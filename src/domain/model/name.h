// Names of models and aliases, and the reference NAME[:VERSION|@ALIAS].
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace slipway::model {

using VersionNumber = std::uint64_t;  // counted from 1 for each model

// 1-255 characters of valid UTF-8 without control characters, '/' and ':'. Never becomes a path.
class ModelName {
 public:
  static Result<ModelName> parse(std::string_view text);  // InvalidInput tells which rule is broken

  const std::string& text() const { return text_; }
  auto operator<=>(const ModelName&) const = default;

 private:
  explicit ModelName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// A name that points to a version: `production`, `champion`, any free name. 1-64 characters, as ModelName's, without
// '@', and not a number.
class Alias {
 public:
  static Result<Alias> parse(std::string_view text);

  const std::string& text() const { return text_; }
  auto operator<=>(const Alias&) const = default;

 private:
  explicit Alias(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// 1-63 characters of a-z, 0-9, '-' and '_': `production`, `staging`.
Result<std::string> parse_environment(std::string_view text);

// "1" and up, decimal, no sign, no leading zero.
std::optional<VersionNumber> parse_version(std::string_view text);

// A model as a person writes it: NAME, NAME:3 or NAME@champion.
struct ModelReference {
  ModelName name;
  std::variant<std::monostate, VersionNumber, Alias> which;  // monostate: not said
};

// Splits at the last '@' or ':' unless `is_model` says that the whole text is a model's name.
Result<ModelReference> parse_reference(std::string_view text, const std::function<bool(const ModelName&)>& is_model);

}  // namespace slipway::model
