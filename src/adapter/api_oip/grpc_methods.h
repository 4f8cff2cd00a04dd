// The methods of inference.GRPCInferenceService: its lines of the route table.
#pragma once

#include <vector>

#include "adapter/api_oip/oip_routes.h"
#include "adapter/net/route.h"

namespace slipway::api_oip {

// Everything in `parts` outlives the routes. Each method asks for the same permission as its route of HTTP.
void add_grpc_methods(std::vector<net::Route>& routes, const OipParts& parts);

}  // namespace slipway::api_oip
