// The services every gRPC server is expected to have: health and reflection. Their lines of the route table.
#pragma once

#include <vector>

#include "adapter/api_grpc/streams.h"
#include "adapter/net/route.h"

namespace slipway::api_grpc {

// What `around` borrows outlives the routes. Reflection asks for what metadata asks for.
std::vector<net::Route> grpc_services(Surroundings around);

}  // namespace slipway::api_grpc
