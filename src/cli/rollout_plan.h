// Plans of rollouts as commands take them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace slipway::cli {

// --plan and --preset; the text of the plan they mean. InvalidInput: neither or both, or too long.
std::vector<Option> plan_options();
Result<std::string> plan_in(const Arguments& arguments);

}  // namespace slipway::cli
