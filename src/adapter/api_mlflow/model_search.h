// Searching registered models and their versions, in MLflow's words.
#pragma once

#include <string>
#include <vector>

#include "adapter/api_mlflow/call.h"

namespace slipway::api_mlflow {

struct FoundModels {
  std::vector<registry::ModelSummary> models;
  std::string next;  // empty: that was all
};
struct FoundVersion {
  model::ModelVersion version;  // without files and manifest
  model::VersionNotes notes;
};
struct FoundVersions {
  std::vector<FoundVersion> versions;
  std::string next;
};

Result<FoundModels> search_models(const Call& call);
Result<FoundVersions> search_versions(const Call& call);

}  // namespace slipway::api_mlflow
