#include "adapter/api_mlflow/artifact_place.h"

namespace slipway::api_mlflow {
namespace {

using training::Kind;

constexpr std::string_view kScheme = "mlflow-artifacts:/";
constexpr std::string_view kModels = "models";
constexpr std::string_view kArtifacts = "artifacts";

std::string_view next_part(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return part;
}

}  // namespace

std::optional<ArtifactPlace> parse_place(std::string_view proxied_path) {
  const std::string_view experiment = next_part(proxied_path);
  std::string_view id = next_part(proxied_path);
  Kind kind = Kind::Run;
  if (id == kModels) {
    kind = Kind::Model;
    id = next_part(proxied_path);
  }
  const bool is_place = is_id(Kind::Experiment, experiment) && is_id(kind, id) && next_part(proxied_path) == kArtifacts;
  if (!is_place) return std::nullopt;
  return ArtifactPlace{std::string(experiment), {kind, std::string(id)}, std::string(proxied_path)};
}

std::string proxied_path(const training::Entry& entry) {
  if (entry.key.kind == Kind::Experiment) return entry.key.id;
  const std::string folder = entry.key.kind == Kind::Model ? "/" + std::string(kModels) + "/" : "/";
  return entry.experiment + folder + entry.key.id + "/" + std::string(kArtifacts);
}

std::string artifact_uri(const training::Entry& entry) {
  return std::string(kScheme) + proxied_path(entry);
}

std::optional<std::string_view> proxied_path_of(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return std::nullopt;
  uri.remove_prefix(kScheme.size());
  if (uri.starts_with('/')) return std::nullopt;  // a host follows
  return uri;
}

}  // namespace slipway::api_mlflow
