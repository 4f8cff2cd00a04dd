#include "domain/access/scope_text.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::access {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

ScopeText text_of(const Scope& scope) {
  ScopeText text;
  for (const NamePattern& pattern : scope.models) text.models += pattern.text() + "\n";
  for (const Permission permission : scope.permissions) text.permissions.append(name_of(permission)).append("\n");
  for (const std::string& environment : scope.environments) text.environments += environment + "\n";
  return text;
}

Result<Scope> parse_scope(const ScopeText& text) {
  Scope scope;
  for (const std::string_view line : lines_of(text.models)) scope.models.push_back(TRY(NamePattern::parse(line)));
  for (const std::string_view line : lines_of(text.permissions)) {
    const auto permission = parse_permission(line);
    if (!permission) return invalid_input("expected a permission, found \"" + printable(line) + "\"");
    scope.permissions.push_back(*permission);
  }
  for (const std::string_view line : lines_of(text.environments)) scope.environments.emplace_back(line);
  return scope;
}

}  // namespace slipway::access
