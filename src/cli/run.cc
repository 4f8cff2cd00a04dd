#include "cli/run.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/parser.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

// The order of --help: the way of a model first, then looking, then the rest.
constexpr std::array<std::string_view, 42> kOrder = {
    "serve",    "push",     "pull",    "models",      "versions", "show",      "compare", "lineage",   "card",
    "tag",      "describe", "deploy",  "rollout",     "rollback", "undeploy",  "approve", "approvals", "override",
    "alias",    "predict",  "explain", "inspect",     "keygen",   "sign",      "verify",  "validate",  "evidence",
    "datasets", "rename",   "retire",  "delete",      "status",   "token",     "audit",   "scrub",     "backup",
    "restore",  "gc",       "config",  "bench-model", "version",  "completion"};

Command version_command(std::string_view version) {
  Command command{.name = "version", .summary = "Print the version of this program"};
  command.options.push_back({.name = "--json", .help = "print it as JSON"});
  command.examples = {"slipway version", "slipway version --json"};
  command.run = [version = std::string(version)](const Arguments& arguments) {
    print(arguments.has("--json") ? "{\"version\": \"" + version + "\"}\n" : "slipway " + version + "\n");
    return Exit::Done;
  };
  return command;
}

Command completion_command(const std::vector<Command>& all) {
  Command command{.name = "completion", .summary = "Print completion code for a shell"};
  command.options.push_back(
      {.name = "SHELL", .help = "bash, zsh or fish", .required = true, .choices = {"bash", "zsh", "fish"}});
  command.examples = {"source <(slipway completion bash)", "slipway completion zsh > ~/.zfunc/_slipway",
                      "slipway completion fish > ~/.config/fish/completions/slipway.fish"};
  command.run = [&all](const Arguments& arguments) {
    print(completion_script(arguments.at("SHELL"), all));
    return Exit::Done;
  };
  return command;
}

// A command that is there already gets the subcommands of the one that works without a server.
void add(std::vector<Command>& commands, const Command& local) {
  const auto known = std::ranges::find(commands, local.name, &Command::name);
  if (known == commands.end() || local.subcommands.empty()) {
    commands.push_back(local);
  } else {
    known->subcommands.insert(known->subcommands.end(), local.subcommands.begin(), local.subcommands.end());
  }
}

std::size_t place_of(const Command& command) {
  return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), command.name) - kOrder.begin());
}

std::string hint_for(const std::vector<const Command*>& path) {
  return "`" + full_name(path) + " --help` shows the usage.";
}

}  // namespace

int run(int argc, const char* const* argv, std::string_view version, std::span<const Command> local) {
  std::vector<Command> commands = {
      push_command(),    pull_command(),      models_command(),        versions_command(), show_command(),
      tag_command(),     describe_command(),  compare_command(),       card_command(),     lineage_command(),
      deploy_command(),  undeploy_command(),  rollback_command(),      alias_command(),    predict_command(),
      retire_command(),  rename_command(),    delete_command(),        status_command(),   token_command(),
      approve_command(), approvals_command(), override_command(),      evidence_command(), datasets_command(),
      rollout_command(), explain_command(),   version_command(version)};
  for (const Command& command : local) add(commands, command);
  commands.push_back(completion_command(commands));
  std::stable_sort(commands.begin(), commands.end(),
                   [](const Command& a, const Command& b) { return place_of(a) < place_of(b); });

  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.size() == 1 && (words[0] == "--version" || words[0] == "-V")) words[0] = "version";
  const auto parsed = parse(words, commands);
  if (!parsed.ok()) {
    complain(parsed.error().message);
    complain("`slipway --help` shows the commands, `slipway COMMAND --help` the usage of one.");
    return static_cast<int>(Exit::Usage);
  }
  if (parsed->help || parsed->path.empty()) {
    print(parsed->path.empty() ? overview(commands) : help_of(parsed->path));
    return static_cast<int>(parsed->help ? Exit::Done : Exit::Usage);
  }
  if (!parsed->path.back()->run) {
    complain("expected a subcommand of " + full_name(parsed->path) + ", found nothing. " + hint_for(parsed->path));
    return static_cast<int>(Exit::Usage);
  }
  const Exit exit = parsed->path.back()->run(parsed->arguments);
  if (std::fflush(stdout) != 0 && exit == Exit::Done) {
    complain("could not write all of the output");
    return static_cast<int>(Exit::Usage);
  }
  return static_cast<int>(exit);
}

}  // namespace slipway::cli
