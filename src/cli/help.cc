#include "cli/help.h"

#include <algorithm>

namespace slipway::cli {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kWidestLeft = 30;  // what is wider stands on a line of its own

// Words of `text` from column `indent` on, broken at kWidth; the first line is already indented.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + end > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string list(const Rows& rows) {
  std::size_t widest = 0;
  for (const auto& row : rows) {
    if (row.first.size() <= kWidestLeft) widest = std::max(widest, row.first.size());
  }
  const std::size_t column = widest + 4;
  std::string out;
  for (const auto& [left, right] : rows) {
    const bool fits = left.size() <= kWidestLeft;
    out += "  " + left + (fits ? std::string(column - 2 - left.size(), ' ') : "\n" + std::string(column, ' '));
    out += wrapped(right, column);
  }
  return out;
}

Rows rows_of(std::span<const Command> commands) {
  Rows rows;
  for (const Command& command : commands) {
    if (!command.hidden) rows.emplace_back(command.name, command.summary);
  }
  return rows;
}

std::string shown(const Option& option) {
  return option.is_flag() || option.is_positional() ? option.name : option.name + " " + option.value;
}

std::string usage_of(const Command& command) {
  std::string out;
  for (const Option& option : command.options) {
    if (!option.is_positional()) continue;
    const std::string name = option.name + (option.repeated ? "..." : "");
    out += option.required ? " " + name : " [" + name + "]";
  }
  for (const Option& option : command.options) {
    if (!option.is_positional() && option.required) out += " " + shown(option);
  }
  return out + (command.subcommands.empty() ? " [OPTIONS]" : " COMMAND");
}

Rows option_rows(const Command& command, bool positional) {
  Rows rows;
  for (const Option& option : command.options) {
    if (option.is_positional() == positional) rows.emplace_back(shown(option), option.help);
  }
  return rows;
}

}  // namespace

std::string full_name(std::span<const Command* const> path) {
  std::string name = "slipway";
  for (const Command* command : path) name += " " + command->name;
  return name;
}

std::string overview(std::span<const Command> commands) {
  return "slipway takes a machine-learning model from a file to safe production.\n\nUsage: slipway COMMAND "
         "[OPTIONS]\n\n"
         "Commands:\n" +
         list(rows_of(commands)) + "\nEnvironment:\n" +
         list({{"SLIPWAY_URL", "the server: http(s)://HOST:PORT or unix:/path; default http://127.0.0.1:8080"},
               {"SLIPWAY_TOKEN", "the token to show; a local server's admin token is found without it"},
               {"SLIPWAY_CA", "authorities (PEM) of an https server"},
               {"SLIPWAY_DATA", "the local server's data directory; default ./slipway-data"}}) +
         "\n`slipway COMMAND --help` tells more. Exit codes: 0 done, 1 refused by the server, 2 wrong usage, "
         "3 cannot connect,\n4 not enough evidence.\n";
}

std::string help_of(std::span<const Command* const> path) {
  const Command& command = *path.back();
  std::string out = command.summary + ".\n";
  if (!command.details.empty()) out += "\n" + wrapped(command.details, 0);
  out += "\nUsage: " + full_name(path) + usage_of(command) + "\n";
  if (!command.subcommands.empty()) out += "\nCommands:\n" + list(rows_of(command.subcommands));
  if (const Rows rows = option_rows(command, true); !rows.empty()) out += "\nArguments:\n" + list(rows);
  Rows rows = option_rows(command, false);
  rows.emplace_back("--help", "show this text");
  out += "\nOptions:\n" + list(rows);
  if (command.examples.empty()) return out;
  out += "\nExamples:\n";
  for (const std::string& example : command.examples) out += "  " + example + "\n";
  return out;
}

}  // namespace slipway::cli
