// ModelVersion: one immutable version of a model as the registry knows it, and what verification measured of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "domain/model/manifest.h"
#include "domain/model/name.h"
#include "domain/model/stage.h"

namespace slipway::model {

// t(n) = fixed + per_row * n: the cost of executing n rows at once.
struct Cost {
  Duration fixed{0};
  Duration per_row{0};
  bool operator==(const Cost&) const = default;
};

// What the prober found; kept with the version.
struct Verification {
  Cost cost;
  bool row_independent = false;  // rows of different requests may share an execution
  Bytes memory;                  // growth of the prober's resident memory by loading and running
  Duration load_time{0};
  std::uint32_t golden_checked = 0;
  bool operator==(const Verification&) const = default;
};

struct ModelVersion {
  ModelName name;
  VersionNumber number = 1;
  Digest digest;  // package_digest of `files`
  std::vector<PackageFile> files;
  std::string manifest;  // the YAML text of slipway.yaml, as stored in the package
  Stage stage = Stage::Registered;
  std::string reason;  // why it was rejected or retired, or why it is still registered
  std::optional<Verification> verification;
  WallTime created_at{};
  std::string created_by;
  // Others who made it, such as those whose training run it is of; sorted, each once.
  std::vector<std::string> makers;
  bool operator==(const ModelVersion&) const = default;
};

}  // namespace slipway::model
