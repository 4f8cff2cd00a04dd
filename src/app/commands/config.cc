#include <cstdio>

#include "adapter/store_postgres/target.h"
#include "app/commands/commands.h"
#include "app/commands/server_options.h"
#include "app/configuration.h"
#include "base/text.h"

namespace slipway::app {
namespace {

// A database's URL may hold a password.
std::string shown(const SettingSpec& spec, const Setting& setting) {
  if (spec.key != "database" || setting.value.empty()) return setting.value;
  const auto target = store_postgres::read_target({.url = setting.value});
  return target.ok() ? target->place : "(not shown)";
}

void print_json(const Settings& settings) {
  std::string out = "{";
  for (const SettingSpec& spec : setting_specs()) {
    const Setting& setting = settings[spec.key];
    out += out.size() == 1 ? "\n  " : ",\n  ";
    append_json_string(out, spec.key);
    out += ": {\"value\": ";
    append_json_string(out, shown(spec, setting));
    out += ", \"source\": ";
    append_json_string(out, setting.source);
    out += "}";
  }
  std::printf("%s\n}\n", out.c_str());
}

void print_table(const Settings& settings) {
  for (const SettingSpec& spec : setting_specs()) {
    const Setting& setting = settings[spec.key];
    std::printf("%-14s %-24s %s\n", std::string(spec.key).c_str(), printable(shown(spec, setting)).c_str(),
                setting.source.c_str());
  }
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto settings = gather_settings(arguments);
  if (!settings.ok()) return say_wrong_usage(settings.error());
  if (arguments.has("--json")) {
    print_json(*settings);
  } else {
    print_table(*settings);
  }
  const auto configuration = configure(*settings);
  if (const auto rules = gather_rules(arguments); !rules.ok()) return say_wrong_usage(rules.error());
  return configuration.ok() ? cli::Exit::Done : say_wrong_usage(configuration.error());
}

}  // namespace

cli::Command config_command() {
  cli::Command command{.name = "config",
                       .summary = "Show the server's effective settings and where each came from",
                       .options = server_options(),
                       .examples = {"slipway config", "SLIPWAY_LOOPS=1 slipway config --listen 127.0.0.1:9000"},
                       .run = run,
                       .subcommands = {},
                       .details =
                           "Defaults are overridden by slipway-server.yaml (or --config FILE), that by SLIPWAY_* "
                           "variables, those by flags."};
  command.options.push_back({.name = "--json", .value = "", .help = "as JSON"});
  return command;
}

}  // namespace slipway::app
