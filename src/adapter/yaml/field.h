// Field: a node read as the type its reader expects, with errors that say where and what.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/yaml/node.h"

namespace slipway::yaml {

// Borrows a document and one of its nodes. YAML's own guessing (yes, 010, 1:30) plays no part: text is the text as
// written, a number is decimal, true and false are the only booleans. Every failure is InvalidInput naming file, line,
// column, the field, what was expected and what was found.
class Field {
 public:
  Field(const Document& document, const Node& node, std::string path)
      : document_(&document), node_(&node), path_(std::move(path)) {}

  const Node& node() const { return *node_; }
  const std::string& path() const { return path_; }  // "inputs[0].shape"
  bool is(Kind kind) const { return node_->kind == kind; }

  Result<std::string> text() const;
  Result<bool> boolean() const;
  Result<std::int64_t> integer(std::int64_t least, std::int64_t most) const;
  Result<double> number() const;  // finite
  Result<std::vector<Field>> items(std::size_t most) const;
  Result<std::vector<std::string>> texts(std::size_t most) const;

  // Of a mapping. `known` are all the keys it may have; any other is refused with a suggestion.
  Result<void> check_keys(std::span<const std::string_view> known) const;
  std::optional<Field> find(std::string_view key) const;  // nullopt when absent or not a mapping
  Result<std::vector<std::pair<std::string, Field>>> entries(std::size_t most) const;

  // The same document, another node.
  Field at(const Node& node, std::string path) const { return Field(*document_, node, std::move(path)); }

  Error expected(std::string_view what) const;  // "... expected WHAT, found ..."
  Error wrong(std::string_view message) const;  // "file:line:column: path: message"

 private:
  const Document* document_;
  const Node* node_;
  std::string path_;
};

// What a node is, for messages: `"text"`, "a list", "a mapping", "nothing".
std::string describe(const Node& node);

// Decimal texts of the language of our files; nullopt for anything else, also when out of range.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<std::uint64_t> parse_unsigned(std::string_view text);
std::optional<double> parse_double(std::string_view text);  // also .nan, .inf, -.inf, NaN, Infinity, -Infinity
std::optional<float> parse_float(std::string_view text);    // nearest; nullopt when it is beyond the type

}  // namespace slipway::yaml
