#include "app/commands/commands.h"

namespace slipway::app {

std::vector<cli::Command> local_commands() {
  return {audit_command(),    serve_command(),       import_command(),  config_command(),          scrub_command(),
          gc_command(),       backup_command(),      restore_command(), inspect_command(),         verify_command(),
          validate_command(), bench_model_command(), routes_command(),  probe_command(),           read_table_command(),
          keygen_command(),   sign_command(),        rollout_command(), verify_decisions_command()};
}

}  // namespace slipway::app
