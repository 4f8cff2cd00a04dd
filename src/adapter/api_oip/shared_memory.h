// The shared memory extensions, which this server does not have: their routes over HTTP and gRPC say why, instead of
// not being there.
#pragma once

#include <vector>

#include "adapter/net/route.h"

namespace slipway::api_oip {

// All answer Unimplemented.
void add_shared_memory_refusals(std::vector<net::Route>& routes);

}  // namespace slipway::api_oip
