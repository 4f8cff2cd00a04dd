// The admin API under /api/v1: what people, pipelines and the `slipway` command push, deploy and look with.
// Its contract is api/openapi.yaml.
#pragma once

#include <string>
#include <vector>

#include "adapter/net/route.h"
#include "base/clock.h"
#include "base/log.h"
#include "ports/package_reader.h"
#include "ports/predictor.h"
#include "service/datasets/datasets.h"
#include "service/delivery/delivery.h"
#include "service/feedback/feedback.h"
#include "service/registry/registry.h"

namespace slipway::api_admin {

// What the routes borrow; it must outlive them.
struct AdminParts {
  registry::Registry& registry;
  ports::PackageReader& packages;
  const ports::Predictor& predictor;
  const Clock& clock;
  Log& log;
  std::string environment;                 // the one this server serves, and the default of ?environment=
  std::string version;                     // of this binary
  std::string uploads;                     // folder for uploads in progress, on the disk of the data
  datasets::Datasets* datasets = nullptr;  // null: none are kept, and their routes say so
  delivery::Delivery* delivery = nullptr;  // null: there are no rollouts, and their routes say so
  feedback::Feedback* feedback = nullptr;  // null: no predictions are recorded, and its routes say so
  Bytes upload_limit = gibibytes(8);
};

// Makes the folder for uploads (0700) and removes what a crash left in it. Unavailable names the folder and the reason.
// Requires: the data directory is locked against other servers.
Result<void> prepare_uploads(const std::string& folder);

// All of them blocking routes. Each handler may run on many worker threads at once.
std::vector<net::Route> routes(const AdminParts& parts);

}  // namespace slipway::api_admin
