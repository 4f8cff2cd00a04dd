#include "app/commands/server_options.h"

#include <cstdio>
#include <cstdlib>

#include "adapter/config_yaml/governance_section.h"
#include "adapter/config_yaml/server_file.h"

namespace slipway::app {
namespace {

constexpr const char* kDefaultFile = "slipway-server.yaml";

Result<std::vector<GivenSetting>> read_file(const cli::Arguments& arguments) {
  const auto said = arguments.text("--config");
  std::vector<std::string_view> known;
  for (const SettingSpec& spec : setting_specs()) known.push_back(spec.key);
  auto entries = config_yaml::read_server_file(said.value_or(kDefaultFile), known);
  if (!entries.ok() && entries.error().code == ErrorCode::NotFound && !said) return std::vector<GivenSetting>{};
  std::vector<GivenSetting> given;
  for (auto& entry : TRY(std::move(entries))) given.push_back({entry.key, entry.value, entry.source});
  return given;
}

}  // namespace

std::vector<cli::Option> server_options() {
  std::vector<cli::Option> options;
  options.push_back({.name = "--config",
                     .value = "FILE",
                     .help = "settings from this file instead of ./slipway-server.yaml",
                     .offers = cli::Offers::Files});
  for (const SettingSpec& spec : setting_specs()) {
    std::string help(spec.meaning);
    if (!spec.is_switch && !spec.fallback.empty()) help += " (default " + std::string(spec.fallback) + ")";
    options.push_back({.name = flag_of(spec), .value = spec.is_switch ? "" : std::string(spec.form), .help = help});
  }
  return options;
}

Result<Settings> gather_settings(const cli::Arguments& arguments, const std::vector<GivenSetting>& overriding) {
  std::vector<GivenSetting> flags;
  for (const SettingSpec& spec : setting_specs()) {
    const std::string flag = flag_of(spec);
    if (!arguments.has(flag)) continue;
    flags.push_back({std::string(spec.key), spec.is_switch ? "true" : arguments.at(flag), flag});
  }
  flags.insert(flags.end(), overriding.begin(), overriding.end());
  const auto variable = [](const std::string& name) -> const char* { return std::getenv(name.c_str()); };
  return Settings::gather(TRY(read_file(arguments)), variable, flags);
}

Result<governance::Rules> gather_rules(const cli::Arguments& arguments) {
  const auto said = arguments.text("--config");
  auto rules = config_yaml::read_governance(said.value_or(kDefaultFile));
  if (!rules.ok() && rules.error().code == ErrorCode::NotFound && !said) return governance::Rules{};
  return rules;
}

cli::Exit say_wrong_usage(const Error& error) {
  std::fprintf(stderr, "slipway: %s\n", error.message.c_str());
  return cli::Exit::Usage;
}

}  // namespace slipway::app
