#include "adapter/backend_plugin/plugin_catalog.h"
#include "adapter/probe_process/sandboxed_tables.h"
#include "adapter/table_plugin/parquet_tables.h"
#include "app/commands/commands.h"

namespace slipway::app {
namespace {

cli::Exit run(const cli::Arguments&) {
  probe_process::run_table_child([]() -> Result<std::unique_ptr<ports::TableReader>> {
    return std::unique_ptr<ports::TableReader>(
        TRY(table_plugin::ParquetTables::open(backend_plugin::default_search_path())));
  });
}

}  // namespace

cli::Command read_table_command() {
  return {.name = probe_process::kTableCommand,
          .summary = "The child process in which evaluation data is read by a plugin",
          .options = {},
          .examples = {},
          .run = run,
          .subcommands = {},
          .details = "",
          .hidden = true};
}

}  // namespace slipway::app
