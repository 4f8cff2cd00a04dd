// What the house makes the gates of: the file of plans, and how evidence is written.
#pragma once

#include <string>

#include "base/result.h"
#include "service/validation/planned_gates.h"

namespace slipway::app {

// At most 1 MiB. NotFound, Unavailable: it cannot be read. InvalidInput: it is no file of text of that size.
Result<std::string> read_plan_file(const std::string& path);

// As docs/formats/gate-evidence.md says.
std::string write_evidence(const validation::PlannedGates::Report& report);

}  // namespace slipway::app
