// The one binary: server, local commands and client commands.
#include "app/commands/commands.h"
#include "app/version.h"
#include "cli/run.h"

int main(int argc, char** argv) {
  return slipway::cli::run(argc, argv, slipway::app::kVersion, slipway::app::local_commands());
}
