// How the registry's models and versions look in MLflow's answers.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "service/registry/registry.h"

namespace slipway::api_mlflow {

inline constexpr std::string_view kNoStage = "None";

// A version with what is written about it. Borrows both.
struct SeenVersion {
  const model::ModelVersion& version;
  const model::VersionNotes* notes;  // none: nobody wrote about it
};
// The versions of a model, ascending.
std::vector<SeenVersion> versions_of(const registry::ModelSummary& model);

// "None", "Staging", "Production", "Archived".
std::string stage_of(const SeenVersion& seen);
std::int64_t changed_at(const SeenVersion& seen);  // milliseconds
std::int64_t changed_at(const registry::ModelSummary& model);

nlohmann::json version_view(const SeenVersion& seen, const std::vector<std::string>& aliases);
nlohmann::json registered_model_view(const registry::ModelSummary& model);
// The newest of each stage; of the stages asked for, if any.
nlohmann::json latest_views(const registry::ModelSummary& model, const std::vector<std::string>& stages);
std::vector<std::string> aliases_of(const registry::ModelSummary& model, model::VersionNumber version);

}  // namespace slipway::api_mlflow
