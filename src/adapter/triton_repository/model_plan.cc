#include "adapter/triton_repository/model_plan.h"

#include <algorithm>
#include <map>

#include "adapter/triton_repository/package_manifest.h"
#include "base/text.h"

namespace slipway::triton_repository {
namespace {

constexpr std::size_t kLargestLabels = 4 << 20;
constexpr std::size_t kMostLabels = 100'000;
constexpr std::size_t kLongestLabel = 1024;  // bytes, as the manifest has it
constexpr std::string_view kManifestFile = "slipway.yaml";

using Labels = std::map<std::string, std::vector<std::string>>;

// What a manifest can carry of it: control characters become spaces, and a long one is cut between characters.
std::string label_of(std::string_view line) {
  std::size_t length = std::min(line.size(), kLongestLabel);
  while (length < line.size() && length > 0 && (static_cast<unsigned char>(line[length]) & 0xC0U) == 0x80U) --length;
  std::string label(line.substr(0, length));
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (has_control_characters({&label[i], 1})) label[i] = ' ';
    // The others are two bytes long.
    if (label[i] == '\xC2' && has_control_characters({&label[i], 2})) label[i] = label[i + 1] = ' ';
  }
  return label;
}

// One label a line; empty lines at the end are none.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(label_of(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// Labels of an output whose last dimension is known: as many as it is long, as a client sees them.
void fit(std::vector<std::string>& labels, const TensorConfig& output, std::vector<std::string>& notes) {
  if (labels.empty() || output.dims.rank() < 2) return;
  const std::int64_t last = output.dims[output.dims.rank() - 1];
  if (last < 2 || static_cast<std::size_t>(last) == labels.size()) return;
  notes.push_back(
      output.label_file + ": expected " + std::to_string(last) + " labels for output \"" + printable(output.name) +
      "\", found " + std::to_string(labels.size()) +
      (static_cast<std::size_t>(last) < labels.size() ? ": the rest is left out" : ": the others have none"));
  labels.resize(static_cast<std::size_t>(last));
}

Result<Labels> read_labels(const RepositoryFolder& repository, const ModelFolder& folder, ModelConfig& config) {
  Labels labels;
  for (const TensorConfig& output : config.outputs) {
    if (output.label_file.empty()) continue;
    auto text = repository.text(folder, output.label_file, kLargestLabels);
    const std::string where = "label_filename of output \"" + printable(output.name) + "\"";
    if (!text) return std::move(text).error().within(where);
    if (!is_valid_utf8(*text)) return invalid_input(where + ": expected UTF-8, found other bytes");
    std::vector<std::string> lines = lines_of(*text);
    if (lines.size() > kMostLabels) return invalid_input(where + ": expected at most 100000 labels, found more");
    fit(lines, output, config.notes);
    labels.emplace(output.name, std::move(lines));
  }
  return labels;
}

// The folders whose names are numbers, the newest first.
std::vector<model::VersionNumber> versions_in(const ModelFolder& folder) {
  std::vector<model::VersionNumber> versions;
  for (const std::string& name : folder.directories) {
    if (const auto number = model::parse_version(name)) versions.push_back(*number);
  }
  std::ranges::sort(versions, std::greater<>());
  return versions;
}

// The files of one version, and the model among them: a file, or a folder with the file and its weights.
std::string collect(const ModelFolder& folder, const ModelConfig& config, VersionPlan& version) {
  const std::string base = std::to_string(version.number) + "/";
  std::string main = config.model_file;
  if (folder.find(base + main) == nullptr) main += "/" + config.model_file;
  if (folder.find(base + main) == nullptr) {
    version.problem = "expected the file " + base + printable(config.model_file) + ", found none";
    return main;
  }
  for (const FolderFile& file : folder.files) {
    if (!file.path.starts_with(base)) continue;
    std::string path = file.path.substr(base.size());
    if (path != kManifestFile) version.parts.push_back({std::move(path), file.path, file.size, file.stamp});
  }
  return main;
}

void stamp(const ModelFolder& folder, VersionPlan& version) {
  const std::string base = std::to_string(version.number) + "/";
  Sha256 hash;
  hash.update(as_bytes(version.manifest));
  hash.update(as_bytes(version.problem));
  for (const FolderFile& file : folder.files) {
    if (file.path.starts_with(base)) hash.update(as_bytes(file.stamp.hex()));
  }
  version.stamp = hash.finish();
}

Result<ModelConfig> read_config(const RepositoryFolder& repository, const ModelFolder& folder,
                                const std::optional<std::string>& config) {
  if (config) return read_config_json(*config, folder.name);
  if (folder.find(kConfigFile) == nullptr) return ModelConfig{};
  const std::string text = TRY(repository.text(folder, kConfigFile, kLargestConfig));
  return read_config_text(text, folder.name);
}

}  // namespace

Result<ModelPlan> plan_model(const RepositoryFolder& repository, const ModelFolder& folder,
                             const std::optional<std::string>& config_json) {
  TRY(model::ModelName::parse(folder.name));
  ModelConfig config = TRY(read_config(repository, folder, config_json));
  const Labels labels = TRY(read_labels(repository, folder, config));
  ModelPlan plan;
  plan.model = folder.name;
  std::vector<model::VersionNumber> present = versions_in(folder);
  std::vector<model::VersionNumber> candidates = present;
  if (config.versions.kind == VersionPolicy::Kind::Specific) {
    candidates = config.versions.specific;
    std::ranges::sort(candidates, std::greater<>());
    candidates.erase(std::ranges::unique(candidates).begin(), candidates.end());
  }
  plan.wanted = config.versions.kind == VersionPolicy::Kind::Latest ? config.versions.latest : candidates.size();
  if (candidates.empty()) {
    return invalid_input("expected a folder with a version's number, such as 1, with " + printable(config.model_file) +
                         " in it, found none");
  }
  for (const model::VersionNumber number : candidates) {
    VersionPlan version{.number = number, .stamp = {}, .problem = {}, .manifest = {}, .parts = {}};
    if (std::ranges::find(present, number) == present.end()) {
      version.problem = "expected the folder " + std::to_string(number) + ", which version_policy names, found none";
    } else {
      const std::string main = collect(folder, config, version);
      version.manifest = write_manifest(config, {folder.name, number, main, labels});
    }
    stamp(folder, version);
    plan.versions.push_back(std::move(version));
  }
  plan.notes = std::move(config.notes);
  return plan;
}

}  // namespace slipway::triton_repository
