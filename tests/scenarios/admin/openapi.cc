#include "admin/openapi.h"

#include <regex.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <functional>

#include "base/invariant.h"

namespace slipway::admin_scenarios {
namespace {

using net::Method;
using YAML::Node;

const Node& root() {
  static const Node node = YAML::LoadFile(SLIPWAY_OPENAPI);
  return node;
}

const std::vector<std::pair<std::string, Method>>& methods() {
  static const std::vector<std::pair<std::string, Method>> names = {{"get", Method::Get},
                                                                    {"patch", Method::Patch},
                                                                    {"put", Method::Put},
                                                                    {"post", Method::Post},
                                                                    {"delete", Method::Delete}};
  return names;
}

// The node itself, or the one its $ref leads to; undefined if that is nowhere.
Node resolved(Node node) {
  while (node.IsMap() && node["$ref"]) {
    std::string path = node["$ref"].as<std::string>();
    Node at = root();
    if (!path.starts_with("#/")) return Node(YAML::NodeType::Undefined);
    for (path.erase(0, 2); !path.empty();) {
      const std::size_t end = std::min(path.find('/'), path.size());
      if (!at.IsMap() || !at[path.substr(0, end)]) return Node(YAML::NodeType::Undefined);
      at.reset(at[path.substr(0, end)]);
      path.erase(0, end + 1);
    }
    node.reset(at);
  }
  return node;
}

bool matches(const std::string& text, const std::string& pattern) {
  regex_t compiled;
  invariant(::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) == 0, "a pattern of the document is one");
  const bool found = ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  return found;
}

std::string type_of(const Node& value) {
  if (value.IsMap()) return "object";
  if (value.IsSequence()) return "array";
  if (value.Tag() == "!") return "string";  // quoted
  if (!value.IsDefined() || value.IsNull()) return "null";
  const std::string& text = value.Scalar();
  if (text == "true" || text == "false") return "boolean";
  if (matches(text, "^-?[0-9]+$")) return "integer";
  return matches(text, "^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?$") ? "number" : "string";
}

bool has_type(const Node& allowed, const std::string& type) {
  if (allowed.IsSequence()) {
    for (const Node& one : allowed) {
      if (has_type(one, type)) return true;
    }
    return false;
  }
  const std::string name = allowed.Scalar();
  return name == type || (name == "number" && type == "integer");
}

std::string check(Node schema, const Node& value, const std::string& where);

std::string check_object(const Node& schema, const Node& value, const std::string& where) {
  for (const Node& name : schema["required"]) {
    if (!value[name.Scalar()]) return where + ": expected the key " + name.Scalar();
  }
  for (const auto& member : value) {
    const std::string key = member.first.Scalar();
    const std::string here = where + "." + key;
    const Node properties = schema["properties"];
    const Node more = schema["additionalProperties"];
    std::string fault;
    if (properties && properties[key]) {
      fault = check(properties[key], member.second, here);
    } else if (more && more.IsScalar() && more.Scalar() == "false") {
      fault = here + ": a key that the schema does not know";
    } else if (more && more.IsMap()) {
      fault = check(more, member.second, here);
    }
    if (!fault.empty()) return fault;
  }
  return "";
}

std::string check_array(const Node& schema, const Node& value, const std::string& where) {
  if (schema["minItems"] && value.size() < schema["minItems"].as<std::size_t>()) return where + ": too few items";
  if (schema["maxItems"] && value.size() > schema["maxItems"].as<std::size_t>()) return where + ": too many items";
  for (std::size_t i = 0; schema["items"] && i < value.size(); ++i) {
    const std::string fault = check(schema["items"], value[i], where + "[" + std::to_string(i) + "]");
    if (!fault.empty()) return fault;
  }
  return "";
}

std::string check_scalar(const Node& schema, const Node& value, const std::string& type, const std::string& where) {
  const std::string found = where + ": found " + value.Scalar();
  if (type == "string" && schema["pattern"] && !matches(value.Scalar(), schema["pattern"].Scalar())) {
    return found + ", expected " + schema["pattern"].Scalar();
  }
  if (type != "integer" && type != "number") return "";
  if (schema["minimum"] && value.as<double>() < schema["minimum"].as<double>()) return found + ": too small";
  if (schema["maximum"] && value.as<double>() > schema["maximum"].as<double>()) return found + ": too large";
  return "";
}

std::string check(Node schema, const Node& value, const std::string& where) {
  schema.reset(resolved(schema));
  for (const Node& part : schema["allOf"]) {
    const std::string fault = check(part, value, where);
    if (!fault.empty()) return fault;
  }
  const std::string type = type_of(value);
  if (schema["type"] && !has_type(schema["type"], type)) return where + ": unexpected type " + type;
  if (schema["enum"]) {
    for (const Node& one : schema["enum"]) {
      if (one.Scalar() == value.Scalar()) return "";
    }
    return where + ": found " + value.Scalar() + ", which is none of the words allowed";
  }
  if (value.IsMap()) return check_object(schema, value, where);
  if (value.IsSequence()) return check_array(schema, value, where);
  return check_scalar(schema, value, type, where);
}

void walk(const Node& node, const std::string& where, const std::function<void(const Node&, const std::string&)>& see) {
  see(node, where);
  if (node.IsMap()) {
    for (const auto& member : node) walk(member.second, where + "/" + member.first.Scalar(), see);
  }
  for (std::size_t i = 0; node.IsSequence() && i < node.size(); ++i) {
    walk(node[i], where + "/" + std::to_string(i), see);
  }
}

}  // namespace

OpenApi& OpenApi::document() {
  static OpenApi api;
  return api;
}

std::vector<Operation> OpenApi::operations() const {
  std::vector<Operation> all;
  for (const auto& path : root()["paths"]) {
    for (const auto& [name, method] : methods()) {
      const Node operation = path.second[name];
      if (operation) all.push_back({method, path.first.Scalar(), operation["x-permission"].as<std::string>("")});
    }
  }
  return all;
}

std::string OpenApi::fault_in(Method method, const std::string& pattern, int status, const std::string& body) const {
  const Node path = root()["paths"][pattern];
  if (!path) return pattern + " is not described";
  for (const auto& [name, known] : methods()) {
    if (known != method) continue;
    const Node responses = path[name]["responses"];
    if (!responses) return name + " " + pattern + " is not described";
    const std::string code = std::to_string(status);
    const Node response = responses[code] || status < 400 ? responses[code] : responses["default"];
    if (!response) return "status " + std::to_string(status) + " is not described";
    const Node content = resolved(response)["content"];
    if (!content) return body.empty() ? "" : "expected no body, found " + body;
    const Node schema = content["application/json"]["schema"];
    if (!schema) return "the answer has no schema";
    return check(schema, YAML::Load(body), "answer");
  }
  return "an unknown method";
}

std::string OpenApi::fault_of(const std::string& schema, const std::string& value) const {
  return check(YAML::Load(schema), YAML::Load(value), "value");
}

std::vector<std::string> OpenApi::own_faults() const {
  std::vector<std::string> faults;
  walk(root(), "", [&](const Node& node, const std::string& where) {
    if (!node.IsMap()) return;
    if (node["$ref"] && !resolved(node).IsDefined()) faults.push_back(where + ": leads nowhere");
    if (!node["schema"]) return;
    const auto judge = [&](const Node& example) {
      const std::string fault = check(node["schema"], example, where);
      if (!fault.empty()) faults.push_back(fault);
    };
    if (node["example"]) judge(node["example"]);
    if (!node["examples"]) return;
    for (const auto& example : node["examples"]) judge(example.second["value"]);
  });
  return faults;
}

}  // namespace slipway::admin_scenarios
