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
// What the server says of "plan:3:5:", its name for the text, is said of the file that it came from.
Result<std::string> with_file(const Arguments& arguments, Result<std::string> answer);

}  // namespace slipway::cli
