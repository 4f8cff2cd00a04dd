#include "domain/access/scope.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::access {
namespace {

std::string listed(const std::vector<NamePattern>& models) {
  std::string text;
  for (const NamePattern& pattern : models) text += (text.empty() ? "" : ", ") + pattern.text();
  return text;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

// A token that is limited must not make one that is not.
bool Scope::grants(Permission permission) const {
  if (is_empty() || permission == Permission::Public) return true;
  if (permission == Permission::ManageTokens) return false;
  return permissions.empty() || std::ranges::find(permissions, permission) != permissions.end();
}

bool Scope::covers_model(std::string_view model) const {
  return models.empty() || std::ranges::any_of(models, [&](const NamePattern& each) { return each.matches(model); });
}

bool Scope::covers_environment(std::string_view environment) const {
  return environments.empty() || std::ranges::find(environments, environment) != environments.end();
}

bool covers_model(const Principal& principal, std::string_view model) {
  return !principal.scope || principal.scope->covers_model(model);
}

bool covers_environment(const Principal& principal, std::string_view environment) {
  return !principal.scope || principal.scope->covers_environment(environment);
}

Result<void> check_model(const Principal& principal, std::string_view model) {
  if (covers_model(principal, model)) return {};
  return outside_scope(principal.name, *principal.scope);
}

bool changes_environments(Permission permission) {
  return permission == Permission::WriteRegistry || permission == Permission::Deploy ||
         permission == Permission::Approve || permission == Permission::Override;
}

Error outside_scope(std::string_view who, const Scope& scope) {
  std::string limits;
  if (!scope.models.empty()) limits += " the models " + listed(scope.models);
  if (!scope.environments.empty()) {
    limits += (limits.empty() ? "" : " and") + std::string(" the environments ") + listed(scope.environments);
  }
  return denied("'" + std::string(who) + "' is limited to" + (limits.empty() ? " some permissions" : limits));
}

Result<std::vector<Permission>> parse_verb(std::string_view verb) {
  if (verb == "read") return std::vector{Permission::ReadRegistry, Permission::ReadMetadata};
  if (verb == "push") return std::vector{Permission::WriteRegistry, Permission::ReadRegistry, Permission::ReadMetadata};
  for (unsigned i = 1; i <= static_cast<unsigned>(Permission::Override); ++i) {
    const auto permission = static_cast<Permission>(i);
    if (name_of(permission) == verb && permission != Permission::ManageTokens) return std::vector{permission};
  }
  return invalid_input(
      "expected read, push, predict, deploy, approve, override, read-metadata, read-metrics, read-registry, "
      "write-registry or manage-server, found \"" +
      printable(verb) + "\"");
}

}  // namespace slipway::access
