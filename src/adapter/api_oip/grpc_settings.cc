#include "adapter/api_oip/grpc_settings.h"

#include <proto/inference.pb.h>

#include <charconv>

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

template <class Number>
Result<Number> number(const std::string& key, const std::string& text, Number least) {
  Number value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec == std::errc() && end.ptr == text.data() + text.size() && value >= least) return value;
  return invalid_input("setting \"" + key + "\": expected a number of " + std::to_string(least) + " or more, found \"" +
                       printable(text, 80) + "\"");
}

// `value` empty: back to the usual.
Result<void> apply(const std::string& key, const std::string& value, RequestTraces::Settings& settings) {
  if (key == "trace_level") {
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
    const std::string_view fixed = key == "trace_mode" ? "triton" : key == "log_frequency" ? "0" : "";
    if (!value.empty() && value != fixed) {
      return unimplemented("setting \"" + key + "\": expected \"" + std::string(fixed) + "\", found \"" +
                           printable(value, 80) + "\": traces are lines of the server's log");
    }
  } else {
    return invalid_input(
        "expected trace_level, trace_rate, trace_count, trace_file, log_frequency or trace_mode, found \"" +
        printable(key, 80) + "\"");
  }
  return {};
}

Result<std::string> trace_setting(RequestTraces& traces, ByteSpan message) {
  pb::TraceSettingRequest question;
  if (!question.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return invalid_input("expected a serialised inference.TraceSettingRequest, found malformed protobuf");
  }
  if (!question.model_name().empty() && !question.settings().empty()) {
    return unimplemented("expected no model_name: the settings are those of all models");
  }
  RequestTraces::Settings wanted = traces.settings();
  for (const auto& [key, value] : question.settings()) {
    for (const std::string& each : value.value()) TRY(apply(key, each, wanted));
    if (value.value().empty()) TRY(apply(key, {}, wanted));
  }
  if (!question.settings().empty()) traces.set(wanted);
  const std::pair<std::string_view, std::string> settings[] = {{"trace_file", ""},
                                                               {"trace_level", wanted.is_on ? "TIMESTAMPS" : "OFF"},
                                                               {"trace_rate", std::to_string(wanted.rate)},
                                                               {"trace_count", std::to_string(wanted.count)},
                                                               {"log_frequency", "0"},
                                                               {"trace_mode", "triton"}};
  pb::TraceSettingResponse answer;
  for (const auto& [key, value] : settings) (*answer.mutable_settings())[std::string(key)].add_value(value);
  return answer.SerializeAsString();
}

}  // namespace

std::vector<net::Route> grpc_settings(Log& log, RequestTraces& traces) {
  std::vector<net::Route> routes;
  routes.push_back(net::grpc_route("/inference.GRPCInferenceService/LogSettings", Permission::ManageServer,
                                   [&log](ByteSpan message) { return log_settings(log, message); }));
  routes.push_back(net::grpc_route("/inference.GRPCInferenceService/TraceSetting", Permission::ManageServer,
                                   [&traces](ByteSpan message) { return trace_setting(traces, message); }));
  return routes;
}

}  // namespace slipway::api_oip
