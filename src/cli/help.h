// --help, written from the table of commands.
#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace slipway::cli {

std::string overview(std::span<const Command> commands);
// `path`: command, subcommand. Usage, options and examples; for a command with subcommands their list.
std::string help_of(std::span<const Command* const> path);
// "slipway token create"
std::string full_name(std::span<const Command* const> path);

}  // namespace slipway::cli
