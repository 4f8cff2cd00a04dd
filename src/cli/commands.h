// The client commands, by subject.
#pragma once

#include <string_view>
#include <vector>

#include "cli/command.h"

namespace slipway::cli {

Command push_command();
Command pull_command();
Command models_command();
Command versions_command();
Command show_command();
Command tag_command();
Command describe_command();
Command rename_command();
Command compare_command();
Command card_command();
Command lineage_command();
Command delete_command();
Command retire_command();
Command alias_command();
Command deploy_command();
Command undeploy_command();
Command rollback_command();
Command predict_command();
Command status_command();
Command token_command();
Command approve_command();
Command explain_command();
Command approvals_command();
Command override_command();
Command evidence_command();
Command datasets_command();
Command rollout_command();
Command explain_rollout_command();  // of `rollout`
Command watch_rollout_command();
Command plan_rollout_command();
Command drill_rollout_command();
// `validate NAME:VERSION`: what the local command `validate` does when it is given no plan.
Command validate_on_server_command();

// bash, zsh or fish code that completes `commands`. Empty: another shell.
std::string completion_script(std::string_view shell, const std::vector<Command>& commands);

}  // namespace slipway::cli
