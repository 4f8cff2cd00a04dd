#include <proto/inference.pb.h>

#include "adapter/api_oip/log_settings.h"
#include "adapter/api_oip/settings_routes.h"
#include "adapter/api_oip/trace_settings.h"
#include "adapter/net/grpc_call.h"

namespace slipway::api_oip {
namespace {

namespace pb = inference;

using Setting = pb::LogSettingsRequest::SettingValue;

LogValue value_of(const Setting& setting) {
  if (setting.has_bool_param()) return setting.bool_param();
  if (setting.has_uint32_param()) return setting.uint32_param();
  return std::string_view(setting.string_param());
}

Result<std::string> log_settings(Log& log, ByteSpan message) {
  pb::LogSettingsRequest question;
  if (!question.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return invalid_input("expected a serialised inference.LogSettingsRequest, found malformed protobuf");
  }
  LogSettings settings(log.level());
  for (const auto& [key, value] : question.settings()) TRY(settings.change(key, value_of(value)));
  if (!question.settings().empty()) log.set_level(TRY(settings.level()));
  pb::LogSettingsResponse answer;
  for (const auto& [key, value] : settings.all()) {
    // A text of its own, because GCC 12 sees an overflow where the map makes one of a literal.
    auto& into = (*answer.mutable_settings())[std::string(key)];
    if (const bool* is_on = std::get_if<bool>(&value)) {
      into.set_bool_param(*is_on);
    } else if (const std::uint32_t* number = std::get_if<std::uint32_t>(&value)) {
      into.set_uint32_param(*number);
    } else {
      into.mutable_string_param()->assign(std::get<std::string_view>(value));
    }
  }
  return answer.SerializeAsString();
}

Result<std::string> trace_setting(const SettingsParts& parts, ByteSpan message) {
  pb::TraceSettingRequest question;
  if (!question.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return invalid_input("expected a serialised inference.TraceSettingRequest, found malformed protobuf");
  }
  TRY(check_traced_model(parts.predictor, question.model_name(), !question.settings().empty()));
  RequestTraces::Settings wanted = parts.traces.settings();
  for (const auto& [key, value] : question.settings()) {
    for (const std::string& each : value.value()) TRY(change_trace(key, each, wanted));
    if (value.value().empty()) TRY(change_trace(key, {}, wanted));
  }
  if (!question.settings().empty()) parts.traces.set(wanted);
  pb::TraceSettingResponse answer;
  for (const auto& [key, value] : all_of(wanted)) (*answer.mutable_settings())[std::string(key)].add_value(value);
  return answer.SerializeAsString();
}

}  // namespace

void add_grpc_settings(std::vector<net::Route>& routes, const SettingsParts& parts) {
  constexpr auto kPermission = access::Permission::ManageServer;
  routes.push_back(net::grpc_route("/inference.GRPCInferenceService/LogSettings", kPermission,
                                   [&log = parts.log](ByteSpan message) { return log_settings(log, message); }));
  routes.push_back(net::grpc_route("/inference.GRPCInferenceService/TraceSetting", kPermission,
                                   [parts](ByteSpan message) { return trace_setting(parts, message); }));
}

}  // namespace slipway::api_oip
