#include <cstdio>
#include <filesystem>

#include "app/assembly.h"
#include "app/commands/commands.h"
#include "base/text.h"

namespace slipway::app {
namespace {

// Who tells whether the model asked for is within the caller's limits: the path, the handler, or nobody.
std::string_view models_of(const net::Route& route) {
  if (route.permission == access::Permission::Public) return "open";
  if (route.pattern.find("{model}") != std::string::npos) return "path";
  return route.handler_checks_models ? "handler" : "refused";
}

std::string line_of(const net::Route& route) {
  std::string line = "{\"method\": ";
  append_json_string(line, net::name_of(route.method));
  line += ", \"pattern\": ";
  append_json_string(line, route.pattern);
  line += ", \"permission\": ";
  append_json_string(line, access::name_of(route.permission));
  line += ", \"kind\": ";
  append_json_string(line, std::holds_alternative<net::InlineHandler>(route.handler) ? "inline" : "blocking");
  line += ", \"models\": \"" + std::string(models_of(route)) + "\"";
  line += ", \"body_limit\": " + std::to_string(route.body_limit.count);
  return line + "}";
}

// Builds the house on an empty folder that is removed again: the table is the one a server answers from.
cli::Exit run(const cli::Arguments&) {
  std::string folder = (std::filesystem::temp_directory_path() / "slipway-routes-XXXXXX").string();
  if (!mkdtemp(folder.data())) return cli::Exit::Refused;
  Configuration configuration;
  configuration.data = folder;
  configuration.environment = "production";
  configuration.model_memory = mebibytes(64);
  configuration.body_memory = mebibytes(64);
  int printed = 0;
  {
    Log log({.level = LogLevel::Off});
    const auto house = House::build(configuration, log);
    if (!house.ok()) std::fprintf(stderr, "slipway: %s\n", house.error().message.c_str());
    if (house.ok()) {
      for (const net::Route& route : (*house)->routes()) {
        std::printf("%s%s", printed++ == 0 ? "[\n  " : ",\n  ", line_of(route).c_str());
      }
      std::printf("\n]\n");
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return printed > 0 ? cli::Exit::Done : cli::Exit::Refused;
}

}  // namespace

cli::Command routes_command() {
  return {.name = "routes",
          .summary = "Print the route table as JSON",
          .options = {},
          .examples = {},
          .run = run,
          .subcommands = {},
          .details = "",
          .hidden = true};
}

}  // namespace slipway::app
