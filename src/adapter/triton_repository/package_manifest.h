// The manifest (slipway.yaml) of one version of a Triton model, as far as its configuration says something.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/triton_repository/model_config.h"

namespace slipway::triton_repository {

struct ManifestParts {
  std::string_view model;
  model::VersionNumber version;                                          // the number of its folder
  std::string_view main_file;                                            // inside the package
  const std::map<std::string, std::vector<std::string>>& output_labels;  // by output
};

// What is left out the model's file says (docs/formats/manifest.md). The same arguments always give the same text.
std::string write_manifest(const ModelConfig& config, const ManifestParts& parts);

}  // namespace slipway::triton_repository
