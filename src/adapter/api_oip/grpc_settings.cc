#include "adapter/api_oip/grpc_settings.h"

#include <proto/inference.pb.h>

#include <optional>

#include "adapter/net/grpc_call.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

namespace pb = inference;
using access::Permission;

constexpr std::string_view kFormat = "ISO8601";

// Levels as the protocol has them: a switch for each. Ours are nested, so only some settings of the switches are one.
struct Switches {
  bool info, warning, error, verbose;

  explicit Switches(LogLevel level)
      : info(level <= LogLevel::Info),
        warning(level <= LogLevel::Warning),
        error(level <= LogLevel::Error),
        verbose(level <= LogLevel::Debug) {}

  Result<LogLevel> level() const {
    if ((verbose && !info) || (info && !warning) || (warning && !error)) {
      return invalid_input(
          "expected log_verbose_level only with log_info, that only with log_warning, and that only with log_error: "
          "each level of this log includes the graver ones");
    }
    if (verbose) return LogLevel::Debug;
    if (info) return LogLevel::Info;
    if (warning) return LogLevel::Warning;
    return error ? LogLevel::Error : LogLevel::Off;
  }
};

using Setting = pb::LogSettingsRequest::SettingValue;

Result<bool> truth(const std::string& key, const Setting& value) {
  if (value.has_bool_param()) return value.bool_param();
  return invalid_input("setting \"" + key + "\": expected bool_param");
}

Result<void> apply(const std::string& key, const Setting& value, Switches& switches) {
  if (key == "log_info") {
    switches.info = TRY(truth(key, value));
  } else if (key == "log_warning") {
    switches.warning = TRY(truth(key, value));
  } else if (key == "log_error") {
    switches.error = TRY(truth(key, value));
  } else if (key == "log_verbose_level") {
    if (!value.has_uint32_param()) return invalid_input("setting \"" + key + "\": expected uint32_param");
    switches.verbose = value.uint32_param() > 0;
  } else if (key == "log_file" || key == "log_format") {
    const std::string_view fixed = key == "log_file" ? std::string_view() : kFormat;
    if (value.string_param() != fixed) {
      return invalid_input("setting \"" + key + "\": cannot be changed while the server runs");
    }
  } else {
    return invalid_input(
        "expected log_info, log_warning, log_error, log_verbose_level, log_file or log_format, found \"" +
        printable(key, 80) + "\"");
  }
  return {};
}

Result<std::string> log_settings(Log& log, ByteSpan message) {
  pb::LogSettingsRequest question;
  if (!question.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return invalid_input("expected a serialised inference.LogSettingsRequest, found malformed protobuf");
  }
  if (!question.settings().empty()) {
    Switches switches(log.level());
    for (const auto& [key, value] : question.settings()) TRY(apply(key, value, switches));
    log.set_level(TRY(switches.level()));
  }
  const Switches now(log.level());
  pb::LogSettingsResponse answer;
  // Texts, because GCC 12 sees an overflow where the map makes one of a literal.
  const auto setting = [&](std::string_view key) -> auto& { return (*answer.mutable_settings())[std::string(key)]; };
  setting("log_file").mutable_string_param();  // the standard error
  setting("log_info").set_bool_param(now.info);
  setting("log_warning").set_bool_param(now.warning);
  setting("log_error").set_bool_param(now.error);
  setting("log_verbose_level").set_uint32_param(now.verbose ? 1 : 0);
  setting("log_format").mutable_string_param()->assign(kFormat);
  return answer.SerializeAsString();
}

// Traces are off, and that is told; turning them on would be a promise nobody keeps.
Result<std::string> trace_setting(ByteSpan message) {
  pb::TraceSettingRequest question;
  if (!question.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return invalid_input("expected a serialised inference.TraceSettingRequest, found malformed protobuf");
  }
  const std::pair<std::string_view, std::string_view> kSettings[] = {{"trace_file", ""},
                                                                     {"trace_level", "OFF"},
                                                                     {"trace_rate", "1000"},
                                                                     {"trace_count", "-1"},
                                                                     {"log_frequency", "0"}};
  pb::TraceSettingResponse answer;
  auto& settings = *answer.mutable_settings();
  for (const auto& [key, value] : kSettings) settings[std::string(key)].add_value(std::string(value));
  for (const auto& [key, value] : question.settings()) {
    const auto current = settings.find(key);
    if (current == settings.end()) {
      return invalid_input("expected trace_file, trace_level, trace_rate, trace_count or log_frequency, found \"" +
                           printable(key, 80) + "\"");
    }
    // No value asks for the default, which is what there is.
    if (value.value_size() > 0 && value.value(0) != current->second.value(0)) {
      return unimplemented("setting \"" + key + "\": expected \"" + current->second.value(0) + "\", found \"" +
                           printable(value.value(0), 80) +
                           "\": this server writes no traces; see /metrics and the log");
    }
  }
  return answer.SerializeAsString();
}

}  // namespace

std::vector<net::Route> grpc_settings(Log& log) {
  std::vector<net::Route> routes;
  routes.push_back(net::grpc_route("/inference.GRPCInferenceService/LogSettings", Permission::ManageServer,
                                   [&log](ByteSpan message) { return log_settings(log, message); }));
  routes.push_back(net::grpc_route("/inference.GRPCInferenceService/TraceSetting", Permission::ManageServer,
                                   [](ByteSpan message) { return trace_setting(message); }));
  return routes;
}

}  // namespace slipway::api_oip
