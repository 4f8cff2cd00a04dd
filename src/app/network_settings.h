// What the network room is told of the configuration.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapter/api_oip/request_traces.h"
#include "adapter/net/server.h"
#include "app/configuration.h"
#include "base/log.h"

namespace slipway::app {

// Host names that may stand in a request to this server: those listened on, and those configured.
std::vector<std::string> accepted_hosts(const Configuration& configuration);
net::Limits limits_of(const Configuration& configuration);
std::function<void(const net::AccessRecord&)> access_log(const Configuration& configuration, Log& log,
                                                         api_oip::RequestTraces& traces);

}  // namespace slipway::app
