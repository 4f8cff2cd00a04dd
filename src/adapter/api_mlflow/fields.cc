#include "adapter/api_mlflow/fields.h"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace slipway::api_mlflow {

using nlohmann::json;

struct Fields::Node {
  json object;
  std::string where;                              // "" or "metrics[3]."
  const net::BlockingRequest* request = nullptr;  // of a query
};

namespace {

constexpr int kDeepest = 16;
constexpr std::size_t kMostItems = 100'000;

bool has_body(net::Method method) {
  return method != net::Method::Get && method != net::Method::Head;
}

std::string found(const json& value) {
  if (value.is_object() || value.is_array()) return value.is_object() ? "an object" : "an array";
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace), 60);
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<Fields> Fields::read(net::BlockingRequest& request, Bytes limit) {
  auto node = std::make_shared<Node>();
  node->object = json::object();
  if (!has_body(request.method())) {
    node->request = &request;
    return Fields(std::move(node));
  }
  const std::string text = TRY(request.read_all(limit));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return Fields(std::move(node));
  bool is_deep = false;
  const auto watch = [&](int depth, json::parse_event_t, json&) {
    is_deep = is_deep || depth > kDeepest;
    return !is_deep;
  };
  node->object = json::parse(text, watch, false);
  if (is_deep) return invalid_input("the body: expected JSON of at most 16 levels, found more");
  if (!node->object.is_object()) return invalid_input("the body: expected a JSON object, found something else");
  return Fields(std::move(node));
}

const json& Fields::object() const {
  return node_->object;
}

const json* Fields::find(std::string_view key) const {
  const auto at = node_->object.find(key);
  return at == node_->object.end() || at->is_null() ? nullptr : &*at;
}

Error Fields::wrong(std::string_view key, std::string_view expected) const {
  const json* value = find(key);
  const std::string what =
      value ? found(*value) : "\"" + printable(node_->request ? node_->request->query(key) : "") + "\"";
  return invalid_input("Invalid value for parameter '" + node_->where + std::string(key) + "': expected " +
                       std::string(expected) + ", found " + what);
}

Result<std::optional<std::string>> Fields::text(std::string_view key) const {
  if (node_->request) {
    const std::string_view value = node_->request->query(key);
    if (!is_valid_utf8(value)) return wrong(key, "UTF-8");
    return value.empty() ? std::nullopt : std::optional(std::string(value));
  }
  const json* value = find(key);
  if (!value) return std::optional<std::string>();
  if (value->is_number_integer()) return std::optional(value->dump());
  if (!value->is_string()) return wrong(key, "a string");
  return std::optional(value->get<std::string>());
}

Result<std::string> Fields::required(std::string_view key) const {
  auto value = TRY(text(key));
  if (value && !value->empty()) return *std::move(value);
  return invalid_input("Missing value for required parameter '" + node_->where + std::string(key) + "'");
}

Result<std::string> Fields::text_or(std::string_view key, std::string_view otherwise) const {
  return TRY(text(key)).value_or(std::string(otherwise));
}

Result<std::optional<std::int64_t>> Fields::number(std::string_view key) const {
  const json* value = find(key);
  if (value && value->is_number_integer()) {
    const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX;
    if (fits) return std::optional(value->get<std::int64_t>());
    return wrong(key, "a whole number of 64 bits");
  }
  const bool is_text = node_->request || (value && value->is_string());
  if (!value && !is_text) return std::optional<std::int64_t>();
  const auto said = is_text ? TRY(text(key)) : std::nullopt;
  if (is_text && !said) return std::optional<std::int64_t>();
  const auto number = said ? parsed<std::int64_t>(*said) : std::nullopt;
  if (!number) return wrong(key, "a whole number of 64 bits");
  return number;
}

Result<std::optional<double>> Fields::real(std::string_view key) const {
  const json* value = find(key);
  if (!value) return std::optional<double>();
  if (value->is_number()) return std::optional(value->get<double>());
  if (value->is_string()) {
    using Limits = std::numeric_limits<double>;
    const auto& text = value->get_ref<const std::string&>();
    if (text == "NaN") return std::optional(Limits::quiet_NaN());
    if (text == "Infinity" || text == "inf") return std::optional(Limits::infinity());
    if (text == "-Infinity" || text == "-inf") return std::optional(-Limits::infinity());
    if (const auto number = parsed<double>(text)) return number;
  }
  return wrong(key, "a number");
}

Result<bool> Fields::flag(std::string_view key) const {
  if (node_->request) {
    const std::string_view said = node_->request->query(key);
    if (said == "true" || said == "True") return true;
    if (said.empty() || said == "false" || said == "False") return false;
    return wrong(key, "true or false");
  }
  const json* value = find(key);
  if (!value) return false;
  if (!value->is_boolean()) return wrong(key, "true or false");
  return value->get<bool>();
}

Result<std::vector<std::string>> Fields::texts(std::string_view key) const {
  std::vector<std::string> items;
  if (node_->request) {
    for (const std::string_view value : node_->request->queries(key)) items.emplace_back(value);
    for (const std::string& item : items) {
      if (!is_valid_utf8(item)) return wrong(key, "UTF-8");
    }
    return items;
  }
  const json* value = find(key);
  if (!value) return items;
  if (!value->is_array() || value->size() > kMostItems) return wrong(key, "an array of strings");
  for (const json& item : *value) {
    if (!item.is_string()) return wrong(key, "an array of strings");
    items.push_back(item.get<std::string>());
  }
  return items;
}

Result<std::vector<Fields>> Fields::list(std::string_view key) const {
  std::vector<Fields> items;
  const json* value = find(key);
  if (!value) return items;
  if (!value->is_array() || value->size() > kMostItems) return wrong(key, "an array of objects");
  for (const json& item : *value) {
    if (!item.is_object()) return wrong(key, "an array of objects");
    const std::string where = node_->where + std::string(key) + "[" + std::to_string(items.size()) + "].";
    items.push_back(Fields(std::make_shared<Node>(Node{item, where})));
  }
  return items;
}

Result<std::vector<std::pair<std::string, std::string>>> Fields::pairs(std::string_view key) const {
  std::vector<std::pair<std::string, std::string>> items;
  for (const Fields& item : TRY(list(key))) {
    std::string name = TRY(item.required("key"));
    std::string value = TRY(item.text_or("value", ""));
    items.emplace_back(std::move(name), std::move(value));
  }
  return items;
}

}  // namespace slipway::api_mlflow
