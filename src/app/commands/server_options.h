// The server's settings as options of a command, and gathered from flags, environment and file.
#pragma once

#include <vector>

#include "app/settings.h"
#include "cli/command.h"
#include "domain/governance/approval.h"

namespace slipway::app {

// One option per setting, and --config FILE.
std::vector<cli::Option> server_options();

// The file is --config FILE, else slipway-server.yaml here if there is one. `overriding`: come after the flags.
// InvalidInput names the source at fault.
Result<Settings> gather_settings(const cli::Arguments& arguments, const std::vector<GivenSetting>& overriding = {});

// The section `governance:` of the same file.
Result<governance::Rules> gather_rules(const cli::Arguments& arguments);

// Says the error on standard error and yields the exit code for wrong usage.
cli::Exit say_wrong_usage(const Error& error);

}  // namespace slipway::app
