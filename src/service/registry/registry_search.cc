// The part of the Registry that searches, and writes down what versions are searched by.
#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

constexpr std::size_t kAtOnce = 64;

}  // namespace

ports::VersionFacts facts_of(const model::ModelName& name, model::VersionNumber number,
                             const model::Manifest& manifest) {
  return {.model = name, .version = number, .format = manifest.format, .lineage = manifest.lineage};
}

ports::VersionFacts stored_facts(ports::PackageReader& packages, const model::ModelName& name,
                                 const model::ModelVersion& version) {
  const auto manifest = packages.read_manifest(version.manifest);
  return facts_of(name, version.number, manifest.ok() ? *manifest : model::Manifest{});
}

Result<ports::FoundPage<ModelSummary>> Registry::search_models(const search::Query& query) {
  return parts_.metadata.search_models(query);
}

Result<ports::FoundPage<ports::FoundVersion>> Registry::search_versions(const search::Query& query) {
  return parts_.metadata.search_versions(query);
}

Result<std::size_t> Registry::write_missing_facts() {
  std::size_t written = 0;
  for (int lost = 0; lost < kAttempts;) {
    const auto versions = TRY(parts_.metadata.without_facts(kAtOnce));
    if (versions.empty()) return written;
    std::vector<ports::Change> changes;
    for (const model::ModelVersion& version : versions) {
      changes.push_back({stored_facts(parts_.packages, version.name, version), 0});
    }
    if (TRY(state_->try_commit(Author{"slipway", ""}, changes, {}))) {
      written += versions.size();
    } else {
      ++lost;  // to another server on the same store
    }
  }
  return lost_too_often("the facts of versions");
}

}  // namespace slipway::registry
