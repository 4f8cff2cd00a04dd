// MLflow's REST API under /api/2.0/mlflow, and its artifact proxy: this server as the tracking server and registry of
// MLflow's own clients. docs/guide/mlflow.md lists the calls.
#pragma once

#include <string>
#include <vector>

#include "adapter/net/route.h"
#include "base/clock.h"
#include "service/registry/registry.h"
#include "service/tracking/tracking.h"

namespace slipway::api_mlflow {

// What the routes borrow; it must outlive them.
struct MlflowParts {
  tracking::Tracking& tracking;
  registry::Registry& registry;
  ports::ArtifactStore& artifacts;
  Bytes upload_limit = gibibytes(8);  // of one file
};

// All of them blocking routes. Each handler may run on many worker threads at once.
std::vector<net::Route> routes(const MlflowParts& parts);

}  // namespace slipway::api_mlflow
