// ModelPlan: which versions of a model's folder are wanted, and the package each of them makes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/triton_repository/model_config.h"
#include "adapter/triton_repository/repository_folder.h"

namespace slipway::triton_repository {

// A file of a package and where its content comes from: a path below the model's folder.
struct PackagePart {
  std::string path;
  std::string source;
  std::uint64_t size = 0;
  Digest stamp;  // of the file, as FolderFile has it
};

struct VersionPlan {
  model::VersionNumber number = 0;  // of its folder
  Digest stamp;                     // of everything the package is made from
  std::string problem;              // why there is none; then the rest is empty
  std::string manifest;
  std::vector<PackagePart> parts;
};

struct ModelPlan {
  std::string model;
  std::vector<VersionPlan> versions;  // those the policy can want, the newest first
  std::size_t wanted = 0;             // this many good ones of them, in their order
  std::vector<std::string> notes;
};

// Reads the folder's configuration, or takes `config` (JSON) in its place. InvalidInput, Unimplemented: of the
// configuration; what is wrong with one version stands in it. Blocks.
Result<ModelPlan> plan_model(const RepositoryFolder& repository, const ModelFolder& folder,
                             const std::optional<std::string>& config = {});

}  // namespace slipway::triton_repository
