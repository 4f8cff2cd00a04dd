// Settings: every option of the server with the place its value came from. Defaults < file < environment < flags.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::app {

// One option. The flag is "--" + key with '_' as '-', the environment variable "SLIPWAY_" + KEY.
struct SettingSpec {
  std::string_view key;
  std::string_view fallback;  // the default, as text
  std::string_view form;      // what a value looks like, for messages and --help
  std::string_view meaning;
  bool is_switch = false;  // a flag without a value: "true"
};
std::span<const SettingSpec> setting_specs();
std::string flag_of(const SettingSpec& spec);
std::string variable_of(const SettingSpec& spec);

struct Setting {
  std::string value;
  std::string source;  // "default", "slipway-server.yaml:3", "SLIPWAY_LISTEN", "--listen"
};

// A value given by one source.
struct GivenSetting {
  std::string key;
  std::string value;
  std::string source;
};

// All settings, each with its value and source. A value.
class Settings {
 public:
  // `file`: entries of the configuration file; `variable`: reads the environment; `flags`: from the command line.
  static Result<Settings> gather(const std::vector<GivenSetting>& file,
                                 const std::function<const char*(const std::string&)>& variable,
                                 const std::vector<GivenSetting>& flags);

  const Setting& operator[](std::string_view key) const;  // Requires: a key of setting_specs().

 private:
  std::map<std::string, Setting, std::less<>> values_;
};

}  // namespace slipway::app
