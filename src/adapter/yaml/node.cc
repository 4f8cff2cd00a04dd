#include "adapter/yaml/node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_set>

#include "base/text.h"

namespace slipway::yaml {
namespace {

// Thrown by Builder through yaml-cpp, caught in parse().
struct Refusal {
  Mark mark;
  std::string message;
};

Mark mark_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

// Builds the tree from yaml-cpp's events and stops it by throwing as soon as a limit is passed.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const DocumentLimits& limits) : limits_(limits) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, "", anchor, Node()); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{mark_of(mark), "expected the value itself, found an alias (*name); aliases are not accepted"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Kind::Scalar;
    node.quoted = tag == "!";
    node.scalar = value;
    add(mark, tag, anchor, std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::Sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::Mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  // A sequence or mapping that is not complete yet.
  struct Open {
    Node node;
    bool key_is_next = true;  // of a mapping
    std::unordered_set<std::string> keys;
  };

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
    count(mark, tag, anchor);
    if (stack_.size() >= limits_.depth) {
      throw Refusal{mark_of(mark), "expected at most " + std::to_string(limits_.depth) + " levels of nesting"};
    }
    if (key_expected()) throw Refusal{mark_of(mark), "expected a key that is plain text, found a list or a mapping"};
    Open opened;
    opened.node.kind = kind;
    opened.node.mark = mark_of(mark);
    stack_.push_back(std::move(opened));
  }

  void close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    place(std::move(node));
  }

  void add(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node node) {
    count(mark, tag, anchor);
    node.mark = mark_of(mark);
    if (!key_expected()) return place(std::move(node));
    Open& parent = stack_.back();
    if (node.kind == Kind::Null)
      throw Refusal{node.mark, "expected a key, found nothing (quote the key if it is \"null\" or \"~\")"};
    if (!parent.keys.insert(node.scalar).second) {
      throw Refusal{node.mark, "the key \"" + printable(node.scalar) + "\" is here twice"};
    }
    parent.node.entries.push_back({std::move(node.scalar), node.mark, {}});
    parent.key_is_next = false;
  }

  void place(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind == Kind::Sequence) {
      parent.node.items.push_back(std::move(node));
    } else {
      parent.node.entries.back().value = std::move(node);
      parent.key_is_next = true;
    }
  }

  bool key_expected() const {
    return !stack_.empty() && stack_.back().node.kind == Kind::Mapping && stack_.back().key_is_next;
  }

  void count(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0)
      throw Refusal{mark_of(mark), "expected a value, found an anchor (&name); anchors are not accepted"};
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refusal{mark_of(mark), "expected a value without a tag, found the tag \"" + printable(tag) + "\""};
    }
    if (++nodes_ > limits_.nodes) {
      throw Refusal{mark_of(mark), "expected at most " + std::to_string(limits_.nodes) + " values in the file"};
    }
  }

  const DocumentLimits& limits_;
  std::size_t nodes_ = 0;
  std::vector<Open> stack_;
  Node root_;
};

Error refuse(std::string_view name, Mark mark, std::string_view message) {
  return invalid_input(std::string(name) + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column) + ": " +
                       std::string(message));
}

// Where yaml-cpp looks away: a byte order mark makes it read UTF-16, and it passes control characters on.
Result<void> check_characters(std::string_view text, std::string_view name) {
  Mark mark;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') {
      return refuse(name, mark, "expected text, found the control character " + printable({&c, 1}));
    }
    mark = c == '\n' ? Mark{mark.line + 1, 1} : Mark{mark.line, mark.column + 1};
  }
  return {};
}

}  // namespace

Error error_at(const Document& document, Mark mark, std::string_view message) {
  return refuse(document.name, mark, message);
}

Result<Document> parse(std::string_view text, std::string_view name, const DocumentLimits& limits) {
  if (text.size() > limits.size.count) {
    return invalid_input(std::string(name) + ": expected at most " + to_string(limits.size) + ", found " +
                         std::to_string(text.size()) + " bytes");
  }
  if (!is_valid_utf8(text)) return invalid_input(std::string(name) + ": expected UTF-8 text, found other bytes");
  TRY(check_characters(text, name));
  try {
    // With the end of the document written out, yaml-cpp notices a quote that is still open; at the end of the text
    // alone it does not.
    const bool ends_line = text.empty() || text.ends_with('\n');
    std::istringstream stream(std::string(text) + (ends_line ? "...\n" : "\n...\n"));
    YAML::Parser parser(stream);
    Builder builder(limits);
    if (!parser.HandleNextDocument(builder)) return Document{std::string(name), {}};
    Builder second(limits);
    if (parser.HandleNextDocument(second))
      return refuse(name, second.take().mark, "expected one document, found a second");
    return Document{std::string(name), builder.take()};
  } catch (const Refusal& refusal) {
    return refuse(name, refusal.mark, refusal.message);
  } catch (const YAML::Exception& failure) {
    return refuse(name, failure.mark.is_null() ? Mark{} : mark_of(failure.mark), "malformed YAML: " + failure.msg);
  } catch (const std::exception& failure) {
    return refuse(name, Mark{}, std::string("malformed YAML: ") + failure.what());
  }
}

}  // namespace slipway::yaml
