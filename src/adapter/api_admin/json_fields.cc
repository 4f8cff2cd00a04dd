#include "adapter/api_admin/json_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"

namespace slipway::api_admin {

struct JsonFields::Node {
  nlohmann::json value;
  std::string where;  // "" or "split[1]."
};

namespace {

using nlohmann::json;
constexpr int kDeepest = 16;

// What was found, for a message: its type and, when short, its text.
std::string found(const json& value) {
  if (value.is_object() || value.is_array()) return value.is_object() ? "an object" : "an array";
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace), 60);
}

// Watches the parser for keys said twice and for depth, which the library itself lets through.
class Watcher {
 public:
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    if (depth > kDeepest) problem_ = "nesting deeper than " + std::to_string(kDeepest);
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second) {
      problem_ = "the key \"" + printable(parsed.get<std::string>()) + "\" twice";
    }
    return true;
  }
  const std::string& problem() const { return problem_; }

 private:
  std::vector<std::set<std::string>> keys_;
  std::string problem_;
};

std::string joined(std::initializer_list<std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

Result<void> check_keys(const json& object, const std::string& where, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string place = where.empty() ? "the body" : where.substr(0, where.size() - 1);
    if (known.size() == 0)
      return invalid_input(place + ": expected an empty object, found the key \"" + printable(key) + "\"");
    return invalid_input(place + ": expected keys out of " + joined(known) + "; found \"" + printable(key) + "\"");
  }
  return {};
}

}  // namespace

Result<JsonFields> JsonFields::parse(std::string_view text, std::initializer_list<std::string_view> known) {
  auto node = std::make_shared<Node>();
  Watcher watcher;
  try {
    node->value = json::parse(
        text, [&](int depth, json::parse_event_t event, json& parsed) { return watcher(depth, event, parsed); });
  } catch (const json::exception& problem) {
    std::string_view what = problem.what();  // "[json.exception.parse_error.101] parse error at line 1, column 8: ..."
    if (const std::size_t at = what.find("] "); what.starts_with('[') && at != what.npos) what.remove_prefix(at + 2);
    return invalid_input("the body: expected a JSON object, found a " + printable(what, 200));
  }
  if (!watcher.problem().empty()) return invalid_input("the body: expected a JSON object, found " + watcher.problem());
  if (!node->value.is_object()) {
    return invalid_input("the body: expected a JSON object, found " + found(node->value));
  }
  TRY(check_keys(node->value, "", known));
  return JsonFields(std::move(node));
}

bool JsonFields::has(std::string_view key) const {
  const auto held = node_->value.find(key);
  return held != node_->value.end() && !held->is_null();
}

Result<std::optional<std::string>> JsonFields::text(std::string_view key, std::size_t longest) const {
  if (!has(key)) return std::optional<std::string>();
  const json& value = *node_->value.find(key);
  const std::string place = node_->where + std::string(key);
  if (!value.is_string()) return invalid_input(place + ": expected a string, found " + found(value));
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > longest) {
    return invalid_input(place + ": expected at most " + std::to_string(longest) + " bytes, found " +
                         std::to_string(text.size()));
  }
  return std::optional(text);
}

Result<std::optional<std::uint64_t>> JsonFields::number(std::string_view key) const {
  if (!has(key)) return std::optional<std::uint64_t>();
  const json& value = *node_->value.find(key);
  if (!value.is_number_unsigned()) {
    return invalid_input(node_->where + std::string(key) + ": expected a whole number of 0 or more, found " +
                         found(value));
  }
  return std::optional(value.get<std::uint64_t>());
}

Result<std::optional<double>> JsonFields::real(std::string_view key) const {
  if (!has(key)) return std::optional<double>();
  const json& value = *node_->value.find(key);
  if (!value.is_number()) {
    return invalid_input(node_->where + std::string(key) + ": expected a number, found " + found(value));
  }
  return std::optional(value.get<double>());
}

Result<std::map<std::string, std::optional<std::string>>> JsonFields::texts(std::string_view key, std::size_t longest,
                                                                            std::size_t most) const {
  std::map<std::string, std::optional<std::string>> texts;
  if (!has(key)) return texts;
  const json& value = *node_->value.find(key);
  const std::string place = node_->where + std::string(key);
  if (!value.is_object()) return invalid_input(place + ": expected an object of strings, found " + found(value));
  if (value.size() > most) {
    return invalid_input(place + ": expected at most " + std::to_string(most) + " entries, found " +
                         std::to_string(value.size()));
  }
  const JsonFields inner(std::make_shared<Node>(Node{value, place + "."}));
  for (const auto& [name, ignored] : value.items()) texts[name] = TRY(inner.text(name, longest));
  return texts;
}

Result<std::vector<std::string>> JsonFields::words(std::string_view key, std::size_t longest, std::size_t most) const {
  std::vector<std::string> items;
  if (!has(key)) return items;
  const json& value = *node_->value.find(key);
  const std::string place = node_->where + std::string(key);
  if (!value.is_array()) return invalid_input(place + ": expected an array of strings, found " + found(value));
  if (value.size() > most) {
    return invalid_input(place + ": expected at most " + std::to_string(most) + " entries, found " +
                         std::to_string(value.size()));
  }
  for (const json& item : value) {
    const std::string here = place + "[" + std::to_string(items.size()) + "]";
    if (!item.is_string()) return invalid_input(here + ": expected a string, found " + found(item));
    items.push_back(item.get<std::string>());
    if (items.back().size() > longest) {
      return invalid_input(here + ": expected at most " + std::to_string(longest) + " bytes, found " +
                           std::to_string(items.back().size()));
    }
  }
  return items;
}

Result<std::optional<JsonFields>> JsonFields::object(std::string_view key,
                                                     std::initializer_list<std::string_view> known) const {
  if (!has(key)) return std::optional<JsonFields>();
  const json& value = *node_->value.find(key);
  const std::string place = node_->where + std::string(key);
  if (!value.is_object()) return invalid_input(place + ": expected an object, found " + found(value));
  TRY(check_keys(value, place + ".", known));
  return std::optional(JsonFields(std::make_shared<Node>(Node{value, place + "."})));
}

Result<std::vector<JsonFields>> JsonFields::list(std::string_view key, std::initializer_list<std::string_view> known,
                                                 std::size_t most) const {
  std::vector<JsonFields> items;
  if (!has(key)) return items;
  const json& value = *node_->value.find(key);
  const std::string place = node_->where + std::string(key);
  if (!value.is_array()) return invalid_input(place + ": expected an array of objects, found " + found(value));
  if (value.size() > most) {
    return invalid_input(place + ": expected at most " + std::to_string(most) + " entries, found " +
                         std::to_string(value.size()));
  }
  for (const json& item : value) {
    const std::string here = place + "[" + std::to_string(items.size()) + "]";
    if (!item.is_object()) return invalid_input(here + ": expected an object, found " + found(item));
    TRY(check_keys(item, here + ".", known));
    items.push_back(JsonFields(std::make_shared<Node>(Node{item, here + "."})));
  }
  return items;
}

}  // namespace slipway::api_admin
