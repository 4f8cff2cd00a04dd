// The `slipway` command: client commands of this room, which speak only the public API, and local ones handed in.
#pragma once

#include <span>
#include <string_view>

#include "cli/command.h"

namespace slipway::cli {

// Parses, runs one command and returns the process's exit code: 0 done, 1 refused by the server, 2 wrong usage,
// 3 cannot connect, 4 not enough evidence. Messages go to standard error. `local` commands take their place in --help
// and completion.
int run(int argc, const char* const* argv, std::string_view version, std::span<const Command> local);

}  // namespace slipway::cli
