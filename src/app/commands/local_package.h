// A package on this machine, opened as a server would open it, for the commands that look at one without a server.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "domain/model/version.h"
#include "ports/artifact_store.h"
#include "ports/package_reader.h"

namespace slipway::app {

// Its files are held in memory.
struct LocalPackage {
  std::unique_ptr<ports::ArtifactStore> artifacts;
  ports::OpenedPackage opened;
  model::ModelVersion version;  // as the registry would store it, number 1
};

// `path`: a folder, an archive or a bare model file. Blocks.
Result<LocalPackage> open_local_package(const std::string& path);

}  // namespace slipway::app
