// Events and signed heads as lines of JSON: what an export holds, and what a checker without the database reads.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "domain/model/audit_head.h"
#include "domain/model/event.h"

namespace slipway::governance {

// docs/formats/audit.md: the keys in this order, no blanks between them; without the line's end.
std::string line_of(const model::Event& event);
std::string line_of(const model::AuditHead& head);

// Exactly what line_of() writes: a line that says the same in another way is not what was exported. Corrupt says where
// it goes wrong.
Result<std::variant<model::Event, model::AuditHead>> parse_audit_line(std::string_view line);

}  // namespace slipway::governance
