// Where a version comes from and where it lies: only ever artifacts of this server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/api_mlflow/call.h"

namespace slipway::api_mlflow {

struct Source {
  std::string text;  // as the client said it
  std::string run;   // it is of; empty: none
  std::vector<model::PackageFile> files;
  std::vector<std::string> makers;  // whose it is, and who put its files there
};

// "models:/m-ID", "models:/NAME/NUMBER", "runs:/RUN/PATH" or "mlflow-artifacts:/..." of this server. `run`: the one the
// client says the version is of; empty: none. InvalidInput for everything else: other schemes and hosts, paths of a
// disk, "..", also encoded, artifacts of another run than `run`, and places where there is nothing.
Result<Source> resolve_source(Call& call, const std::string& text, const std::string& run);

// "mlflow-artifacts:/versions/HEX-OF-NAME/NUMBER": the files of a version, whatever becomes of its run.
std::string version_uri(const model::ModelName& name, model::VersionNumber number);
// What a proxied path of that form means; `path` is the file's.
struct VersionPlace {
  model::ModelName name;
  model::VersionNumber number;
  std::string path;
};
std::optional<VersionPlace> parse_version_place(std::string_view proxied_path);

}  // namespace slipway::api_mlflow
