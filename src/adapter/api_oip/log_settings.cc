#include "adapter/api_oip/log_settings.h"

#include <string>

#include "base/text.h"

namespace slipway::api_oip {
namespace {

constexpr std::string_view kFile;  // the standard error
constexpr std::string_view kFormat = "ISO8601";

template <class Value>
Result<Value> of_kind(std::string_view key, const LogValue& value, std::string_view kind) {
  if (const Value* found = std::get_if<Value>(&value)) return *found;
  return invalid_input("setting \"" + std::string(key) + "\": expected " + std::string(kind));
}

}  // namespace

LogSettings::LogSettings(LogLevel level)
    : info_(level <= LogLevel::Info),
      warning_(level <= LogLevel::Warning),
      error_(level <= LogLevel::Error),
      verbose_(level <= LogLevel::Debug) {}

Result<void> LogSettings::change(std::string_view key, const LogValue& value) {
  constexpr std::string_view kSwitch = "a boolean";
  if (key == "log_info") {
    info_ = TRY(of_kind<bool>(key, value, kSwitch));
  } else if (key == "log_warning") {
    warning_ = TRY(of_kind<bool>(key, value, kSwitch));
  } else if (key == "log_error") {
    error_ = TRY(of_kind<bool>(key, value, kSwitch));
  } else if (key == "log_verbose_level") {
    verbose_ = TRY(of_kind<std::uint32_t>(key, value, "a whole number from 0")) > 0;
  } else if (key == "log_file" || key == "log_format") {
    if (TRY(of_kind<std::string_view>(key, value, "a text")) != (key == "log_file" ? kFile : kFormat)) {
      return invalid_input("setting \"" + std::string(key) + "\": cannot be changed while the server runs");
    }
  } else {
    return invalid_input(
        "expected log_info, log_warning, log_error, log_verbose_level, log_file or log_format, found \"" +
        printable(key, 80) + "\"");
  }
  return {};
}

Result<LogLevel> LogSettings::level() const {
  if ((verbose_ && !info_) || (info_ && !warning_) || (warning_ && !error_)) {
    return invalid_input(
        "expected log_verbose_level only with log_info, that only with log_warning, and that only with log_error: "
        "each level of this log includes the graver ones");
  }
  if (verbose_) return LogLevel::Debug;
  if (info_) return LogLevel::Info;
  if (warning_) return LogLevel::Warning;
  return error_ ? LogLevel::Error : LogLevel::Off;
}

std::vector<std::pair<std::string_view, LogValue>> LogSettings::all() const {
  return {{"log_file", kFile},
          {"log_info", info_},
          {"log_warning", warning_},
          {"log_error", error_},
          {"log_verbose_level", std::uint32_t{verbose_ ? 1U : 0U}},
          {"log_format", kFormat}};
}

}  // namespace slipway::api_oip
