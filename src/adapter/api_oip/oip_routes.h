// The Open Inference Protocol v2 over HTTP with Triton's extensions: its lines of the route table.
#pragma once

#include <string>
#include <vector>

#include "adapter/api_oip/repository_control.h"
#include "adapter/net/route.h"
#include "ports/loop.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// What /v2 says of the server.
struct ServerIdentity {
  std::string name = "slipway";
  std::string version;
};

struct OipParts {
  ports::Predictor& predictor;
  RepositoryControl& repository;
  ServerIdentity identity;
  std::size_t loops;  // event loops of the server that will serve the routes
};

// Everything in `parts` outlives the routes.
std::vector<net::Route> oip_routes(const OipParts& parts);

}  // namespace slipway::api_oip
