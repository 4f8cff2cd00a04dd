// Scope: what a token is limited to beyond its role: some models, some permissions, some environments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/access/name_pattern.h"
#include "domain/access/permission.h"

namespace slipway::access {

// A value. An empty list limits nothing; an empty scope is none. It narrows what the role grants and never widens it.
struct Scope {
  std::vector<NamePattern> models;
  std::vector<Permission> permissions;
  std::vector<std::string> environments;  // where it may change what is served and approved; reading is not limited
  bool operator==(const Scope&) const = default;

  bool is_empty() const { return models.empty() && permissions.empty() && environments.empty(); }
  bool grants(Permission permission) const;
  bool covers_model(std::string_view model) const;
  bool covers_environment(std::string_view environment) const;
};

// Of a caller; without a scope everything is covered.
bool covers_model(const Principal& principal, std::string_view model);
bool covers_environment(const Principal& principal, std::string_view environment);
Result<void> check_model(const Principal& principal, std::string_view model);  // Denied: it is not covered

// Whether it may change what some environment serves, or lead to that.
bool changes_environments(Permission permission);

// Denied, in words that are the same whether there is such a model or not.
Error outside_scope(std::string_view who, const Scope& scope);

// What `--verbs` and "verbs" take: a permission's name, or read, push: the permissions it stands for. InvalidInput
// lists them.
Result<std::vector<Permission>> parse_verb(std::string_view verb);

}  // namespace slipway::access
