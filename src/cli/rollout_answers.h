// What several commands about rollouts ask of the server.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace slipway::cli {

// "/api/v1/rollouts/7"; InvalidInput: not a number.
Result<std::string> rollout_path(const std::string& number);
// Every page of a rollout's decisions, as the server answers them, newest first. Overloaded: more than 100,000.
Result<std::vector<std::string>> fetch_decisions(Session& session, const std::string& rollout);
// The rollout and all its decisions as one JSON object: `rollout`, `decisions`.
std::string whole_history(const std::string& rollout, const std::vector<std::string>& pages);
// What ends by itself when the server is there again, or has time.
bool is_passing(ErrorCode code);

}  // namespace slipway::cli
