// The methods TraceSetting and LogSettings: what can be changed of a running server's log.
#pragma once

#include <vector>

#include "adapter/api_oip/request_traces.h"
#include "adapter/net/route.h"
#include "base/log.h"

namespace slipway::api_oip {

// What is given outlives the routes. Reading and changing are one method each, so both ask for the permission to
// change.
std::vector<net::Route> grpc_settings(Log& log, RequestTraces& traces);

}  // namespace slipway::api_oip
