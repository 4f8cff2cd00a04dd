// By what requests are assigned to the versions of a split, as bodies and answers of the admin API say it.
#pragma once

#include <optional>

#include "adapter/api_admin/json_fields.h"
#include "adapter/api_admin/json_writer.h"
#include "domain/model/assignment_rule.h"

namespace slipway::api_admin {

// The key "assignment"; none: it is not said. InvalidInput names the key in it.
Result<std::optional<model::AssignmentRule>> read_assignment(const JsonFields& fields);
void write_assignment(JsonWriter& json, const model::AssignmentRule& rule);

}  // namespace slipway::api_admin
