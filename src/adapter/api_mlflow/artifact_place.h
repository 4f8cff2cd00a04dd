// Where an artifact lies, in the words of MLflow's clients: the paths of the artifact proxy and URIs that name them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/training/entry.h"

namespace slipway::api_mlflow {

// EXPERIMENT/RUN/artifacts[/PATH] or EXPERIMENT/models/MODEL/artifacts[/PATH].
struct ArtifactPlace {
  std::string experiment;
  training::EntryKey of;
  std::string path;  // empty: all of it
};

// None: no such form. Neither looks at the path.
std::optional<ArtifactPlace> parse_place(std::string_view proxied_path);
std::string proxied_path(const training::Entry& entry);
std::string artifact_uri(const training::Entry& entry);  // "mlflow-artifacts:/7/.../artifacts"

// "mlflow-artifacts:/PATH" without host -> PATH; none for everything else.
std::optional<std::string_view> proxied_path_of(std::string_view uri);

}  // namespace slipway::api_mlflow
