// The commands that run here instead of asking a server. One file each.
#pragma once

#include <vector>

#include "cli/command.h"

namespace slipway::app {

cli::Command serve_command();
cli::Command config_command();
cli::Command import_command();
cli::Command audit_command();
cli::Command scrub_command();
cli::Command backup_command();
cli::Command restore_command();
cli::Command gc_command();
cli::Command keygen_command();
cli::Command sign_command();
cli::Command inspect_command();
cli::Command verify_command();
cli::Command validate_command();
cli::Command rollout_command();  // what of it needs no server
cli::Command replay_command();   // of `rollout`
cli::Command verify_decisions_command();
cli::Command bench_model_command();
cli::Command routes_command();      // hidden: the route table, for the tests that compare it with api/openapi.yaml
cli::Command probe_command();       // hidden: the child in which a candidate version is measured
cli::Command read_table_command();  // hidden: the child in which a plugin reads evaluation data

std::vector<cli::Command> local_commands();

}  // namespace slipway::app
