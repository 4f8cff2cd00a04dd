// The level of the log as Triton's protocols have it: a switch for each level.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace slipway::api_oip {

using LogValue = std::variant<bool, std::uint32_t, std::string_view>;

// A value: the settings of a level, changed one after another, then a level again. Ours are nested, so only some
// positions of the switches are one.
class LogSettings {
 public:
  explicit LogSettings(LogLevel level);

  // InvalidInput: nobody knows the key, the value is of another kind, or it cannot be changed while the server runs.
  Result<void> change(std::string_view key, const LogValue& value);
  Result<LogLevel> level() const;  // InvalidInput: none
  std::vector<std::pair<std::string_view, LogValue>> all() const;

 private:
  bool info_, warning_, error_, verbose_;
};

}  // namespace slipway::api_oip
