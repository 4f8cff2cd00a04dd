// --wait of commands about rollouts: until the traffic that was recorded is served.
#pragma once

#include <string>
#include <string_view>

#include "cli/session.h"

namespace slipway::cli {

void add_waiting_options(Command& command);  // --wait and --timeout

// To be asked before anything is changed. InvalidInput: --timeout.
Result<void> check_waiting_options(const Arguments& arguments);

// From the answer of a command to that of the rollout as it is served, or over by `end`, "completed" or "aborted".
// Refused: it ended otherwise, or --timeout was over before.
Result<std::string> wait_until_served(Session& session, const Arguments& arguments, std::string answer,
                                      std::string_view end);

}  // namespace slipway::cli
