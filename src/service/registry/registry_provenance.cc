// The part of the Registry that tells where a version comes from.
#include <algorithm>

#include "base/text.h"
#include "domain/model/model_card.h"
#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

constexpr std::size_t kMostAncestors = 64;

// `text` as manifests have it: NAME:3, or the number of a version of the same model.
std::optional<std::pair<model::ModelName, model::VersionNumber>> parent_in(const std::string& text,
                                                                           const model::ModelName& child) {
  const std::size_t split = text.rfind(':');
  const auto number = model::parse_version(split == std::string::npos ? text : text.substr(split + 1));
  if (!number) return std::nullopt;
  if (split == std::string::npos) return std::pair(child, *number);
  auto name = model::ModelName::parse(text.substr(0, split));
  if (!name) return std::nullopt;
  return std::pair(std::move(name).value(), *number);
}

}  // namespace

Result<std::vector<std::byte>> Registry::read_file(const model::ModelName& name, model::VersionNumber number,
                                                   std::string_view path, Bytes limit) {
  const auto version = TRY(state_->existing(name, number)).record;
  const auto file = std::ranges::find(version.files, path, &model::PackageFile::path);
  if (file == version.files.end()) {
    return not_found(text_of(number) + " of " + quoted(name) + " has no file \"" + printable(path) + "\"");
  }
  if (file->size > limit.count) {
    return invalid_input(printable(path) + ": expected at most " + std::to_string(limit.count) + " bytes, found " +
                         std::to_string(file->size));
  }
  return parts_.artifacts.read(file->digest, limit);
}

Result<Card> Registry::card(const model::ModelName& name, model::VersionNumber number) {
  auto file = read_file(name, number, model::kCardFile, model::kLargestCard);
  if (file) return Card{std::string(model::kCardFile), std::string(as_text(*file))};
  if (file.error().code != ErrorCode::NotFound) return std::move(file).error();
  const auto version = TRY(state_->existing(name, number)).record;
  auto manifest = TRY(parts_.packages.read_manifest(version.manifest));
  if (manifest.model_card.empty()) return Card{};
  return Card{"slipway.yaml", std::move(manifest.model_card)};
}

Result<std::vector<Ancestor>> Registry::ancestry(const model::ModelName& name, model::VersionNumber number,
                                                 const access::Scope* scope) {
  std::vector<Ancestor> line;
  line.push_back({name, number, TRY(state_->existing(name, number)).record, {}});
  while (line.back().version && line.size() <= kMostAncestors) {
    Ancestor& youngest = line.back();
    youngest.lineage = TRY(parts_.packages.read_manifest(youngest.version->manifest)).lineage;
    const auto parent = parent_in(youngest.lineage.parent, youngest.name);
    const auto is_parent = [&](const Ancestor& known) {
      return known.name == parent->first && known.number == parent->second;
    };
    if (!parent || line.size() == kMostAncestors || std::ranges::any_of(line, is_parent)) break;
    Ancestor older{parent->first, parent->second, {}, {}};
    if (!scope || scope->covers_model(parent->first.text())) {
      auto stored = TRY(parts_.metadata.version(parent->first, parent->second));
      if (stored) older.version = std::move(stored->record);
    }
    line.push_back(std::move(older));
  }
  return line;
}

}  // namespace slipway::registry
