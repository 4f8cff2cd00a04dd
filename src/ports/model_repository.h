// ModelRepository: a folder of models that somebody else writes, imported into the registry. Adapter:
// triton_repository.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/model/name.h"
#include "domain/model/serving.h"

namespace slipway::ports {

// What a load brings along: a configuration in place of the folder's, and files in place of all of the folder.
struct RepositoryOverrides {
  struct File {
    std::string path;  // below the model's folder: "1/model.onnx"
    std::string content;
  };
  std::optional<std::string> config;  // JSON
  std::vector<File> files;
  bool is_empty() const { return !config && files.empty(); }
};

// What the repository knows of a model or of one of its versions.
struct RepositoryFinding {
  std::string model;
  model::VersionNumber version = 0;  // the number of its folder; 0: the model as a whole
  model::VersionNumber number = 0;   // the registry's of what was taken of it last; 0: nothing
  std::string reason;                // why what is there now was not taken, or nothing is wanted; empty: it was
};

// Any thread. import() and unload() block, one at a time.
class ModelRepository {
 public:
  virtual ~ModelRepository() = default;
  // Reads the model now, registers what its version policy wants and deploys it; returns what is served then. NotFound:
  // the repository has no such model and no files are given. InvalidInput, Unimplemented: what is wrong with it.
  virtual Result<model::TrafficSplit> import(const model::ModelName& name, const RepositoryOverrides& overrides,
                                             std::string_view principal) = 0;
  // Undeploys it, from the repository or not: it stays so until it changes or is loaded. NotFound: nothing of it is
  // deployed. Overloaded: others had their turn for too long.
  virtual Result<void> unload(const model::ModelName& name, std::string_view principal) = 0;
  virtual bool has(const model::ModelName& name) const = 0;
  // What was deployed when the server started, and still is: the server is not ready before it is served. nullopt: not
  // known yet. From a snapshot, a look old.
  struct Started {
    model::ModelName model;
    model::VersionNumber number;  // the registry's
  };
  virtual std::optional<std::vector<Started>> started() const = 0;
  // From a snapshot, in order of model and version.
  virtual std::vector<RepositoryFinding> findings() const = 0;
};

}  // namespace slipway::ports
