// How a scope is written where texts are kept: one entry per line, which no entry can hold.
#pragma once

#include <string>

#include "base/result.h"
#include "domain/access/scope.h"

namespace slipway::access {

struct ScopeText {
  std::string models, permissions, environments;
};
ScopeText text_of(const Scope& scope);
Result<Scope> parse_scope(const ScopeText& text);  // InvalidInput: outside its rules

}  // namespace slipway::access
