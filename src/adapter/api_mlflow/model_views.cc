#include "adapter/api_mlflow/model_views.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/views.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;

std::int64_t milliseconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// A version is there, and may be loaded, from the start; what verification found is told beside it.
std::string status_message(const model::ModelVersion& version) {
  std::string text = "slipway: " + std::string(name_of(version.stage));
  return version.reason.empty() ? text : text + ": " + version.reason;
}

}  // namespace

std::vector<SeenVersion> versions_of(const registry::ModelSummary& model) {
  std::map<model::VersionNumber, const model::VersionNotes*> notes;
  for (const auto& stored : model.notes) notes[stored.record.version] = &stored.record;
  std::vector<SeenVersion> seen;
  for (const model::ModelVersion& version : model.versions) {
    const auto found = notes.find(version.number);
    seen.push_back({version, found == notes.end() ? nullptr : found->second});
  }
  return seen;
}

std::string stage_of(const SeenVersion& seen) {
  const bool has_none = !seen.notes || seen.notes->stage_label.empty();
  return has_none ? std::string(kNoStage) : seen.notes->stage_label;
}

std::int64_t changed_at(const SeenVersion& seen) {
  const WallTime changed = seen.notes ? seen.notes->annotations.changed_at : WallTime{};
  return milliseconds_of(std::max(seen.version.created_at, changed));
}

std::int64_t changed_at(const registry::ModelSummary& model) {
  std::int64_t latest = milliseconds_of(std::max(model.record.created_at, model.record.annotations.changed_at));
  for (const SeenVersion& seen : versions_of(model)) latest = std::max(latest, changed_at(seen));
  return latest;
}

std::vector<std::string> aliases_of(const registry::ModelSummary& model, model::VersionNumber version) {
  std::vector<std::string> aliases;
  for (const ports::AliasRecord& record : model.aliases) {
    if (record.version == version) aliases.push_back(record.alias.text());
  }
  return aliases;
}

json version_view(const SeenVersion& seen, const std::vector<std::string>& aliases) {
  json view = {{"name", seen.version.name.text()},
               {"version", std::to_string(seen.version.number)},
               {"creation_timestamp", milliseconds_of(seen.version.created_at)},
               {"last_updated_timestamp", changed_at(seen)},
               {"user_id", seen.version.created_by},
               {"current_stage", stage_of(seen)},
               {"status", "READY"},
               {"status_message", status_message(seen.version)},
               {"aliases", aliases},
               {"tags", json::array()}};
  if (!seen.notes) return view;
  view["description"] = seen.notes->annotations.description;
  view["source"] = seen.notes->source;
  view["run_id"] = seen.notes->run_id;
  if (!seen.notes->run_link.empty()) view["run_link"] = seen.notes->run_link;
  if (seen.notes->source.starts_with("models:/m-")) view["model_id"] = seen.notes->source.substr(8);
  view["tags"] = pairs_view(seen.notes->annotations.tags);
  return view;
}

json latest_views(const registry::ModelSummary& model, const std::vector<std::string>& stages) {
  std::map<std::string, SeenVersion> latest;
  for (const SeenVersion& seen : versions_of(model)) {
    const std::string stage = stage_of(seen);
    const bool is_asked = stages.empty() || std::ranges::find(stages, stage) != stages.end();
    if (!is_asked) continue;
    latest.erase(stage);
    latest.emplace(stage, seen);
  }
  json views = json::array();
  for (const auto& [stage, seen] : latest) views.push_back(version_view(seen, {}));
  return views;
}

json registered_model_view(const registry::ModelSummary& model) {
  json aliases = json::array();
  for (const ports::AliasRecord& record : model.aliases) {
    aliases.push_back({{"alias", record.alias.text()}, {"version", std::to_string(record.version)}});
  }
  return {{"name", model.record.name.text()},
          {"creation_timestamp", milliseconds_of(model.record.created_at)},
          {"last_updated_timestamp", changed_at(model)},
          {"description", model.record.annotations.description},
          {"latest_versions", latest_views(model, {})},
          {"tags", pairs_view(model.record.annotations.tags)},
          {"aliases", aliases}};
}

}  // namespace slipway::api_mlflow
