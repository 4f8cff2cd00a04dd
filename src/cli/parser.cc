#include "cli/parser.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/nearest_word.h"
#include "base/text.h"

namespace slipway::cli {
namespace {

// CLI11's view of one command: the strings it fills.
struct Slots {
  std::map<const Option*, std::vector<std::string>> values;
  std::map<const Option*, std::int64_t> flags;
};

std::string in_quotes(std::string_view word) {
  return "\"" + printable(word) + "\"";
}

std::string hint(std::string_view word, std::span<const std::string> known) {
  const std::vector<std::string_view> words(known.begin(), known.end());
  const std::string_view near = nearest_word(word, words);
  return near.empty() ? "" : "; did you mean " + std::string(near) + "?";
}

void add_option(CLI::App& app, const Option& option, Slots& slots) {
  if (option.is_flag()) {
    app.add_flag(option.name, slots.flags[&option])->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    return;
  }
  auto* added = app.add_option(option.name, slots.values[&option], "");
  const bool takes_rest = option.is_positional() && option.repeated;
  added->expected(takes_rest ? CLI::detail::expected_max_vector_size : 1)->allow_extra_args(takes_rest);
  if (option.is_positional()) return;
  added->multi_option_policy(option.repeated ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
}

Result<void> check(const Command& command, const Arguments& said) {
  for (const Option& option : command.options) {
    if (option.required && !said.has(option.name)) {
      const std::string shown = option.is_positional() ? option.name : option.name + " " + option.value;
      return invalid_input("expected " + shown + " (" + option.help + "), found nothing");
    }
    if (option.choices.empty()) continue;
    for (const std::string& value : said.all(option.name)) {
      if (std::find(option.choices.begin(), option.choices.end(), value) != option.choices.end()) continue;
      std::string list;
      for (const std::string& choice : option.choices) list += (list.empty() ? "" : ", ") + choice;
      return invalid_input(option.name + ": expected one of " + list + ", found " + in_quotes(value));
    }
  }
  return {};
}

std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> names = {"--help"};
  for (const Option& option : command.options) {
    if (!option.is_positional()) names.push_back(option.name);
  }
  return names;
}

Result<Arguments> parse_options(const Command& command, std::span<const std::string> words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  Slots slots;
  for (const Option& option : command.options) add_option(app, option, slots);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& problem) {
    const std::string text = problem.what();
    const std::string name = text.substr(0, text.find(':'));
    const bool too_often = text.find("At Most") != std::string::npos;
    return invalid_input(name +
                         (too_often ? ": expected once, found several times" : ": expected a value, found nothing"));
  } catch (const CLI::ParseError& problem) {
    return invalid_input(printable(problem.what(), 300));
  }
  for (const std::string& extra : app.remaining()) {
    if (extra == "--") continue;
    if (extra.size() > 1 && extra.front() == '-') {
      return invalid_input("expected an option of this command, found " + in_quotes(extra) +
                           hint(extra.substr(0, extra.find('=')), option_names(command)));
    }
    return invalid_input("expected no more words, found " + in_quotes(extra));
  }
  Arguments said;
  for (auto& [option, values] : slots.values) {
    for (std::string& value : values) said.add(option->name, std::move(value));
  }
  for (const auto& [option, count] : slots.flags) {
    if (count > 0) said.add(option->name, "true");
  }
  return said;
}

bool asks_for_help(std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

}  // namespace

Result<Parsed> parse(std::span<const std::string> words, std::span<const Command> commands) {
  Parsed parsed;
  while (!words.empty() && !commands.empty()) {
    if (words.front() == "--help" || words.front() == "-h" || words.front() == "help") {
      parsed.help = true;
      words = words.subspan(1);
      continue;
    }
    const auto found = std::find_if(commands.begin(), commands.end(),
                                    [&](const Command& command) { return command.name == words.front(); });
    if (found == commands.end()) {
      std::vector<std::string> names;
      for (const Command& command : commands) {
        if (!command.hidden) names.push_back(command.name);
      }
      const std::string kind = parsed.path.empty() ? "a command" : "a subcommand of " + parsed.path.back()->name;
      return invalid_input("expected " + kind + ", found " + in_quotes(words.front().substr(0, 200)) +
                           hint(words.front().substr(0, 64), names));
    }
    parsed.path.push_back(&*found);
    words = words.subspan(1);
    commands = found->subcommands;
  }
  if (parsed.path.empty() || !parsed.path.back()->run || asks_for_help(words)) parsed.help |= asks_for_help(words);
  if (parsed.help || parsed.path.empty() || !parsed.path.back()->run) return parsed;
  parsed.arguments = TRY(parse_options(*parsed.path.back(), words));
  TRY(check(*parsed.path.back(), parsed.arguments));
  return parsed;
}

}  // namespace slipway::cli
