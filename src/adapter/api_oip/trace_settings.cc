#include "adapter/api_oip/trace_settings.h"

#include <charconv>

#include "base/text.h"

namespace slipway::api_oip {
namespace {

template <class Number>
Result<Number> number(std::string_view key, std::string_view text, Number least) {
  Number value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec == std::errc() && end.ptr == text.data() + text.size() && value >= least) return value;
  return invalid_input("setting \"" + std::string(key) + "\": expected a number of " + std::to_string(least) +
                       " or more, found \"" + printable(text, 80) + "\"");
}

// What other servers can do with traces: ours are lines of the log.
Result<void> expect_fixed(std::string_view key, std::string_view value) {
  const std::string_view fixed = key == "trace_mode" ? "triton" : key == "log_frequency" ? "0" : "";
  if (value.empty() || value == fixed) return {};
  return unimplemented("setting \"" + std::string(key) + "\": expected \"" + std::string(fixed) + "\", found \"" +
                       printable(value, 80) + "\": traces are lines of the server's log");
}

}  // namespace

Result<void> change_trace(std::string_view key, std::string_view value, RequestTraces::Settings& settings) {
  if (key == kTraceLevel) {
    if (value == "TENSORS") {
      return unimplemented("setting \"trace_level\": expected OFF or TIMESTAMPS: tensors are not written to the log");
    }
    if (!value.empty() && value != "OFF" && value != "TIMESTAMPS") {
      return invalid_input("setting \"trace_level\": expected OFF or TIMESTAMPS, found \"" + printable(value, 80) +
                           "\"");
    }
    settings.is_on = value == "TIMESTAMPS";
  } else if (key == "trace_rate") {
    settings.rate = RequestTraces::kUsualRate;
    if (!value.empty()) settings.rate = TRY(number<std::uint32_t>(key, value, 1));
  } else if (key == "trace_count") {
    settings.count = RequestTraces::kNoEnd;
    if (!value.empty()) settings.count = TRY(number<std::int64_t>(key, value, -1));
  } else if (key == "trace_file" || key == "log_frequency" || key == "trace_mode") {
    return expect_fixed(key, value);
  } else {
    return invalid_input(
        "expected trace_level, trace_rate, trace_count, trace_file, log_frequency or trace_mode, found \"" +
        printable(key, 80) + "\"");
  }
  return {};
}

std::vector<std::pair<std::string_view, std::string>> all_of(const RequestTraces::Settings& settings) {
  return {{kTraceLevel, settings.is_on ? "TIMESTAMPS" : "OFF"},
          {"trace_rate", std::to_string(settings.rate)},
          {"trace_count", std::to_string(settings.count)},
          {"log_frequency", "0"},
          {"trace_file", ""},
          {"trace_mode", "triton"}};
}

}  // namespace slipway::api_oip
