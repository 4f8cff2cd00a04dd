// slipway completion: code for three shells, made from the table of commands.
#include <algorithm>

#include "cli/commands.h"

namespace slipway::cli {
namespace {

// A single-quoted word for any of the three shells.
std::string quoted(std::string_view text, std::string_view quote_inside = "'\\''") {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += quote_inside;
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string words_of(std::span<const Command> commands) {
  std::string words;
  for (const Command& command : commands) {
    if (!command.hidden) words += (words.empty() ? "" : " ") + command.name;
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string options_of(const Command& command) {
  std::string words = "--help";
  for (const Option& option : command.options) {
    if (!option.is_positional()) words += " " + option.name;
  }
  return words;
}

// bash: what to offer after `option` or at a positional place.
std::string bash_offer(const Option& option) {
  if (!option.choices.empty()) return "COMPREPLY=($(compgen -W " + quoted(joined(option.choices)) + " -- \"$cur\"))";
  switch (option.offers) {
    case Offers::Files:
      return "compopt -o default; COMPREPLY=()";
    case Offers::Models:
      return "COMPREPLY=($(compgen -W \"$(slipway models --quiet 2>/dev/null)\" -- \"$cur\"))";
    case Offers::Nothing:
      return "COMPREPLY=()";
  }
  return "";
}

// One `case` arm: the options of a command, their values, and its first positional.
std::string bash_arm(const std::string& name, const Command& command) {
  std::string out = "    " + quoted(name) + ")\n      case \"$prev\" in\n";
  for (const Option& option : command.options) {
    if (!option.is_positional() && !option.is_flag()) {
      out += "        " + option.name + ") " + bash_offer(option) + "; return ;;\n";
    }
  }
  out += "      esac\n      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W " + quoted(options_of(command)) +
         " -- \"$cur\")); return; fi\n";
  if (!command.subcommands.empty()) {
    return out + "      COMPREPLY=($(compgen -W " + quoted(words_of(command.subcommands)) + " -- \"$cur\")) ;;\n";
  }
  const auto positional = std::find_if(command.options.begin(), command.options.end(),
                                       [](const Option& option) { return option.is_positional(); });
  return out + "      " + (positional == command.options.end() ? "COMPREPLY=()" : bash_offer(*positional)) + " ;;\n";
}

std::string bash(const std::vector<Command>& commands) {
  std::string arms;
  std::string groups;
  for (const Command& command : commands) {
    arms += bash_arm(command.name, command);
    for (const Command& sub : command.subcommands) arms += bash_arm(command.name + " " + sub.name, sub);
    if (!command.subcommands.empty()) groups += (groups.empty() ? "" : "|") + command.name;
  }
  return "# bash completion of slipway; load it with: source <(slipway completion bash)\n"
         "_slipway() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} name=${COMP_WORDS[1]}\n"
         "  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W " +
         quoted(words_of(commands) + " --help") +
         " -- \"$cur\")); return; fi\n"
         "  case \"$name\" in " +
         groups +
         ") ((COMP_CWORD > 2)) && name=\"$name ${COMP_WORDS[2]}\" ;; esac\n"
         "  case \"$name\" in\n" +
         arms +
         "  esac\n"
         "}\n"
         "complete -F _slipway slipway\n";
}

// zsh's _arguments spec: '--name[help]:VALUE:action'
std::string zsh_spec(const Option& option) {
  std::string help;
  for (const char c : option.help) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') help += '\\';
    help += c;
  }
  std::string action = "()";  // nothing to offer, without keeping options from being offered in its place
  if (!option.choices.empty()) action = "(" + joined(option.choices) + ")";
  if (option.offers == Offers::Files) action = "_files";
  if (option.offers == Offers::Models) action = "_slipway_models";
  if (option.is_positional()) return quoted((option.repeated ? "*:" : ":") + help + ":" + action);
  if (option.is_flag()) return quoted(option.name + "[" + help + "]");
  return quoted((option.repeated ? "*" : "") + option.name + "[" + help + "]:" + option.value + ":" + action);
}

std::string zsh_arguments(const Command& command, const std::string& indent) {
  std::string out = indent + "_arguments '--help[show the usage]'";
  for (const Option& option : command.options) out += " \\\n" + indent + "  " + zsh_spec(option);
  return out + "\n";
}

std::string zsh_list(std::span<const Command> commands, const std::string& indent) {
  std::string out = indent + "local -a names=(\n";
  for (const Command& command : commands) {
    if (!command.hidden) out += indent + "  " + quoted(command.name + ":" + command.summary) + "\n";
  }
  return out + indent + ")\n" + indent + "_describe command names\n";
}

std::string zsh(const std::vector<Command>& commands) {
  std::string out =
      "#compdef slipway\n"
      "# zsh completion of slipway; put it as _slipway into a folder of $fpath\n"
      "_slipway_models() { local -a found=(${(f)\"$(slipway models --quiet 2>/dev/null)\"}); compadd -a found }\n"
      "_slipway() {\n  if ((CURRENT == 2)); then\n" +
      zsh_list(commands, "    ") +
      "    return\n  fi\n  local name=$words[2]\n  shift words; ((CURRENT--))\n  case $name in\n";
  for (const Command& command : commands) {
    out += "    " + command.name + ")\n";
    if (command.subcommands.empty()) {
      out += zsh_arguments(command, "      ") + "      ;;\n";
      continue;
    }
    out += "      if ((CURRENT == 2)); then\n" + zsh_list(command.subcommands, "        ") +
           "        return\n      fi\n      name=$words[2]\n      shift words; ((CURRENT--))\n      case $name in\n";
    for (const Command& sub : command.subcommands) {
      out += "        " + sub.name + ")\n" + zsh_arguments(sub, "          ") + "          ;;\n";
    }
    out += "      esac\n      ;;\n";
  }
  return out +
         "  esac\n}\nif [ \"$funcstack[1]\" = _slipway ]; then _slipway \"$@\"; else compdef _slipway slipway; fi\n";
}

std::string fish_word(std::string_view text) {
  return quoted(text, "\\'");
}

std::string fish_lines(const Command& command, const std::string& when) {
  std::string out;
  const std::string start = "complete -c slipway -n " + fish_word(when);
  bool files = false;
  for (const Option& option : command.options) {
    std::string values;
    if (!option.choices.empty()) values = " -x -a " + fish_word(joined(option.choices));
    if (option.offers == Offers::Models) values = " -x -a '(slipway models --quiet 2>/dev/null)'";
    if (option.offers == Offers::Files) values = " -r -F";
    if (option.is_positional()) {
      files = files || option.offers == Offers::Files;
      if (option.offers != Offers::Files && !values.empty())
        out += start + values + " -d " + fish_word(option.help) + "\n";
      continue;
    }
    if (values.empty() && !option.is_flag()) values = " -x";
    out += start + " -l " + option.name.substr(2) + values + " -d " + fish_word(option.help) + "\n";
  }
  return out + start + (files ? " -F\n" : " -f\n");
}

std::string fish(const std::vector<Command>& commands) {
  std::string out =
      "# fish completion of slipway; put it into ~/.config/fish/completions/slipway.fish\n"
      "complete -c slipway -n __fish_use_subcommand -f\n";
  for (const Command& command : commands) {
    if (command.hidden) continue;
    out +=
        "complete -c slipway -n __fish_use_subcommand -a " + command.name + " -d " + fish_word(command.summary) + "\n";
    const std::string seen = "__fish_seen_subcommand_from " + command.name;
    if (command.subcommands.empty()) {
      out += fish_lines(command, seen);
      continue;
    }
    const std::string subs = words_of(command.subcommands);
    for (const Command& sub : command.subcommands) {
      out += "complete -c slipway -f -n " + fish_word(seen + "; and not __fish_seen_subcommand_from " + subs) + " -a " +
             sub.name + " -d " + fish_word(sub.summary) + "\n";
      out += fish_lines(sub, seen + "; and __fish_seen_subcommand_from " + sub.name);
    }
  }
  return out;
}

}  // namespace

std::string completion_script(std::string_view shell, const std::vector<Command>& commands) {
  if (shell == "bash") return bash(commands);
  if (shell == "zsh") return zsh(commands);
  if (shell == "fish") return fish(commands);
  return "";
}

}  // namespace slipway::cli
