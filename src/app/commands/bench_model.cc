#include <cstdio>
#include <utility>

#include "adapter/backend_plugin/plugin_catalog.h"
#include "app/catalog.h"
#include "app/commands/commands.h"
#include "app/commands/local_package.h"
#include "cli/terminal.h"
#include "service/validation/throughput.h"

namespace slipway::app {
namespace {

Result<std::vector<validation::BatchTiming>> measure(const LocalPackage& package) {
  backend_plugin::PluginCatalog backends(backend_formats(), backend_plugin::default_search_path());
  ports::Backend* backend = TRY(backends.find(package.opened.manifest.format));
  validation::Candidate candidate{package.opened.manifest, {}};
  for (const model::PackageFile& file : package.version.files) {
    const auto bytes =
        std::make_shared<const std::vector<std::byte>>(TRY(package.artifacts->read(file.digest, gibibytes(16))));
    candidate.files.push_back({file.path, *bytes, bytes});
  }
  const SystemClock clock;
  return validation::time_batches(std::move(candidate), *backend, clock);
}

struct Rates {
  double run_us, row_us, rows_per_second;
  explicit Rates(const validation::BatchTiming& timing)
      : run_us(std::chrono::duration<double, std::micro>(timing.median).count()),
        row_us(run_us / static_cast<double>(timing.rows)),
        rows_per_second(1e6 / row_us) {}
};

void print_json(const std::vector<validation::BatchTiming>& timings) {
  for (std::size_t i = 0; i < timings.size(); ++i) {
    const Rates rates(timings[i]);
    std::printf("%s{\"rows\": %llu, \"run_us\": %.3f, \"row_us\": %.3f, \"rows_per_second\": %.0f}",
                i == 0 ? "[" : ",\n ", static_cast<unsigned long long>(timings[i].rows), rates.run_us, rates.row_us,
                rates.rows_per_second);
  }
  std::printf("]\n");
}

void print_text(const std::vector<validation::BatchTiming>& timings) {
  std::printf("%8s %14s %14s %14s\n", "ROWS", "US PER RUN", "US PER ROW", "ROWS PER S");
  for (const validation::BatchTiming& timing : timings) {
    const Rates rates(timing);
    std::printf("%8llu %14.2f %14.3f %14.0f\n", static_cast<unsigned long long>(timing.rows), rates.run_us,
                rates.row_us, rates.rows_per_second);
  }
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto package = open_local_package(arguments.at("PATH"));
  const auto timings = package.ok() ? measure(*package) : Result<std::vector<validation::BatchTiming>>(package.error());
  if (!timings.ok()) {
    cli::complain(timings.error().message);
    return cli::Exit::Refused;
  }
  if (arguments.has("--json")) {
    print_json(*timings);
  } else {
    print_text(*timings);
  }
  return cli::Exit::Done;
}

}  // namespace

cli::Command bench_model_command() {
  return {.name = "bench-model",
          .summary = "Measure how long a model takes at batch 1, 2, 4, ... on one thread",
          .options = {{.name = "PATH",
                       .help = "a folder, an archive or a model file",
                       .required = true,
                       .offers = cli::Offers::Files},
                      {.name = "--json", .value = "", .help = "as JSON"}},
          .examples = {"slipway bench-model model.onnx"},
          .run = run,
          .subcommands = {},
          .details = "The engine alone, in this process, without a server: what serving can reach at most."};
}

}  // namespace slipway::app
