// What can be changed of a running server's log and traces: /v2/logging and /v2/trace/setting, and the methods
// LogSettings and TraceSetting.
#pragma once

#include <vector>

#include "adapter/api_oip/request_traces.h"
#include "adapter/net/route.h"
#include "base/log.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// Outlive the routes.
struct SettingsParts {
  Log& log;
  RequestTraces& traces;
  const ports::Predictor& predictor;
};

// In gRPC reading and changing are one method each, so everything asks for the permission to change.
std::vector<net::Route> settings_routes(const SettingsParts& parts);

// What both protocols say of a model's own trace settings; `model` empty: those of all. NotFound: there is no such
// model. Unimplemented: it cannot have its own.
Result<void> check_traced_model(const ports::Predictor& predictor, std::string_view model, bool changes);

void add_grpc_settings(std::vector<net::Route>& routes, const SettingsParts& parts);

}  // namespace slipway::api_oip
