// The part of the Registry that searches, and writes down what versions are searched by.
#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

constexpr std::size_t kAtOnce = 64;
constexpr std::size_t kMostCovered = 1'000;  // models that a search is narrowed to
constexpr std::size_t kNamesAtOnce = 1'000;

// To the models that the scope covers, by their names: so pages and their tokens tell nothing of others. False: it
// covers none.
Result<bool> narrow(ports::MetadataStore& metadata, search::Query& query, const access::Scope* scope) {
  if (!scope || scope->models.empty()) return true;
  std::vector<std::string> covered;
  for (std::string after;;) {
    const auto page = TRY(metadata.models(after, kNamesAtOnce));
    for (const auto& stored : page) {
      if (scope->covers_model(stored.record.name.text())) covered.push_back(stored.record.name.text());
    }
    if (covered.size() > kMostCovered) {
      return denied("a search within limits goes over at most " + std::to_string(kMostCovered) +
                    " models, found more: expected a token that is limited to fewer, or to none");
    }
    if (page.size() < kNamesAtOnce) break;
    after = page.back().record.name.text();
  }
  if (covered.empty()) return false;
  query.filter.add({.field = {search::Part::Attribute, "name"},
                    .type = search::Type::Text,
                    .op = search::Operator::In,
                    .value = std::move(covered)});
  return true;
}

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

Result<ports::FoundPage<ModelSummary>> Registry::search_models(search::Query query, const access::Scope* scope) {
  if (!TRY(narrow(parts_.metadata, query, scope))) return ports::FoundPage<ModelSummary>{};
  return parts_.metadata.search_models(query);
}

Result<ports::FoundPage<ports::FoundVersion>> Registry::search_versions(search::Query query,
                                                                        const access::Scope* scope) {
  if (!TRY(narrow(parts_.metadata, query, scope))) return ports::FoundPage<ports::FoundVersion>{};
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
