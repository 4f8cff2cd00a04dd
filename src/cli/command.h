// Command: one line of the table from which parsing, --help and shell completion are made.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::cli {

// The exit codes, part of the interface.
enum class Exit : int { Done = 0, Refused = 1, Usage = 2, Unreachable = 3, Inconclusive = 4 };

// What a shell offers for a value.
enum class Offers : unsigned char { Nothing, Files, Models };

// `--name VALUE`, `--name` (a flag: no value) or a positional NAME.
struct Option {
  std::string name;        // "--input", or for a positional its place in the usage: "NAME"
  std::string value = {};  // "FILE"; empty for flags and positionals
  std::string help = {};
  bool required = false;
  bool repeated = false;                  // may be said several times; a repeated positional takes the rest
  std::vector<std::string> choices = {};  // the only values accepted; empty: any
  Offers offers = Offers::Nothing;

  bool is_positional() const { return !name.starts_with("--"); }
  bool is_flag() const { return !is_positional() && value.empty(); }
};

// What was said on the command line. A value.
class Arguments {
 public:
  std::optional<std::string> text(std::string_view option) const;  // the last one said
  std::vector<std::string> all(std::string_view option) const;
  bool has(std::string_view option) const { return values_.contains(option); }
  // Requires: a required option, so that the parser has seen to it.
  std::string at(std::string_view option) const;

  void add(const std::string& option, std::string value) { values_[option].push_back(std::move(value)); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// Either `run` or subcommands.
struct Command {
  std::string name;
  std::string summary;  // one line, without a full stop
  std::vector<Option> options = {};
  std::vector<std::string> examples = {};  // whole command lines
  std::function<Exit(const Arguments&)> run = {};
  std::vector<Command> subcommands = {};
  std::string details = {};  // more for --help: whole sentences, or empty
  bool hidden = false;       // not in lists
};

}  // namespace slipway::cli
