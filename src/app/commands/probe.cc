#include "adapter/backend_plugin/plugin_catalog.h"
#include "adapter/package_reader/package_reader.h"
#include "adapter/probe_process/child.h"
#include "app/catalog.h"
#include "app/commands/commands.h"

namespace slipway::app {
namespace {

cli::Exit run(const cli::Arguments&) {
  backend_plugin::PluginCatalog backends(backend_formats(), backend_plugin::default_search_path());
  const auto packages = package_reader::make_package_reader();
  probe_process::run_child(*packages, backends);
}

}  // namespace

cli::Command probe_command() {
  return {.name = "probe",
          .summary = "The child process in which the server verifies a version",
          .options = {},
          .examples = {},
          .run = run,
          .subcommands = {},
          .details = "",
          .hidden = true};
}

}  // namespace slipway::app
