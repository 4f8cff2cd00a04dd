// Parses a command line against the table of commands.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace slipway::cli {

struct Parsed {
  std::vector<const Command*> path;  // command, subcommand; empty: nothing was said
  Arguments arguments;
  bool help = false;
};

// InvalidInput tells what was expected and found, with a suggestion for a mistyped command or option.
Result<Parsed> parse(std::span<const std::string> words, std::span<const Command> commands);

}  // namespace slipway::cli
