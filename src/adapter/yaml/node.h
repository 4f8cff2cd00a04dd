// Node: one YAML document as a tree that remembers lines and columns and guesses no types.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::yaml {

// Counted from 1.
struct Mark {
  int line = 1;
  int column = 1;
  bool operator==(const Mark&) const = default;
};

enum class Kind : unsigned char { Null, Scalar, Sequence, Mapping };

struct Entry;

// A value. A scalar is its text, whatever it looks like: whoever reads it knows which type it expects.
struct Node {
  Kind kind = Kind::Null;
  bool quoted = false;  // 'a', "a", or a block scalar
  Mark mark;
  std::string scalar;
  std::vector<Node> items;     // of a sequence
  std::vector<Entry> entries;  // of a mapping, in the order of the file; keys are unique
};

struct Entry {
  std::string key;
  Mark mark;
  Node value;
};

struct DocumentLimits {
  Bytes size = mebibytes(1);
  std::size_t nodes = 200'000;
  std::size_t depth = 32;
};

// A file's one document. `name` stands in messages: "slipway.yaml:3:7: expected ...".
struct Document {
  std::string name;
  Node root;
};

// Refuses, as InvalidInput with file, line and column: malformed YAML, several documents, duplicate keys, keys that are
// no plain text, anchors, aliases, tags, text that is not UTF-8, and whatever is beyond the limits.
Result<Document> parse(std::string_view text, std::string_view name, const DocumentLimits& limits = {});

// InvalidInput "name:line:column: message".
Error error_at(const Document& document, Mark mark, std::string_view message);

}  // namespace slipway::yaml
