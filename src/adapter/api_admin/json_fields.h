// JsonFields: one JSON object of a request body, read strictly.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::api_admin {

// A value; any thread. Every failure is InvalidInput and names the key, what was expected and what was found. A key
// that is absent or null reads as nullopt.
class JsonFields {
 public:
  // Refuses text that is no JSON object, a key outside `known`, a key said twice, and nesting deeper than 16.
  static Result<JsonFields> parse(std::string_view text, std::initializer_list<std::string_view> known);

  bool has(std::string_view key) const;
  Result<std::optional<std::string>> text(std::string_view key, std::size_t longest) const;
  Result<std::optional<std::uint64_t>> number(std::string_view key) const;
  Result<std::optional<double>> real(std::string_view key) const;  // any number
  // An object of texts, each of them null where it is so; at most `most` of them.
  Result<std::map<std::string, std::optional<std::string>>> texts(std::string_view key, std::size_t longest,
                                                                  std::size_t most) const;
  // An array of strings of at most `longest` bytes; at most `most` of them.
  Result<std::vector<std::string>> words(std::string_view key, std::size_t longest, std::size_t most) const;
  // An object with keys of `known`.
  Result<std::optional<JsonFields>> object(std::string_view key, std::initializer_list<std::string_view> known) const;
  // An array of objects, each with keys of `known`; at most `most` of them.
  Result<std::vector<JsonFields>> list(std::string_view key, std::initializer_list<std::string_view> known,
                                       std::size_t most) const;

 private:
  struct Node;
  explicit JsonFields(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  std::shared_ptr<const Node> node_;
};

}  // namespace slipway::api_admin
