// model-versions: create, get, update, delete, search, transition-stage, get-download-uri and tags.
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/call.h"
#include "adapter/api_mlflow/model_search.h"
#include "adapter/api_mlflow/model_source.h"
#include "adapter/api_mlflow/model_views.h"
#include "base/text.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;

Result<json> view_of(Call& call, const model::ModelName& name, model::VersionNumber number) {
  const auto version = TRY(call.registry().version(name, number));
  const auto notes = TRY(call.registry().notes(name, number));
  const auto aliases = aliases_of(TRY(call.registry().model(name)), number);
  return json{{"model_version", version_view({version, &notes.record}, aliases)}};
}

Result<json> create(Call& call) {
  const auto name = TRY(name_of(call));
  TRY(call.registry().model(name));
  const std::string run = TRY(call.fields.text_or("run_id", ""));
  if (!run.empty()) TRY(call.reach().expect(training::EntryKey{training::Kind::Run, run}, Use::Look));
  auto held = call.registry().hold_artifacts();
  Source source = TRY(resolve_source(call, TRY(call.fields.required("source")), run));
  registry::ImportRequest request{.model = name,
                                  .files = std::move(source.files),
                                  .notes = {.model = name, .version = 1, .annotations = {}},
                                  .makers = std::move(source.makers),
                                  .artifacts_held = std::move(held)};
  request.notes.source = source.text;
  request.notes.run_id = run.empty() ? source.run : run;
  request.notes.run_link = TRY(call.fields.text_or("run_link", ""));
  request.notes.annotations.description = TRY(call.fields.text_or("description", ""));
  for (const auto& [key, value] : TRY(call.fields.pairs("tags"))) request.notes.annotations.tags[key] = value;
  const auto made = TRY(call.registry().import(std::move(request), call.author()));
  return view_of(call, name, made.number);
}

Result<json> get(Call& call) {
  return view_of(call, TRY(name_of(call)), TRY(version_of(call)));
}

Result<json> annotated(Call& call, const std::function<Result<void>(model::VersionNotes&)>& change) {
  const auto name = TRY(name_of(call));
  const auto number = TRY(version_of(call));
  TRY(call.registry().annotate(name, number, change, std::nullopt, call.author()));
  return view_of(call, name, number);
}

Result<json> update(Call& call) {
  const std::string description = TRY(call.fields.text_or("description", ""));
  return annotated(call, [&](model::VersionNotes& notes) -> Result<void> {
    notes.annotations.description = description;
    return {};
  });
}

Result<json> set_tag(Call& call) {
  const std::string key = TRY(call.fields.required("key"));
  const std::string value = TRY(call.fields.text_or("value", ""));
  TRY(annotated(call, [&](model::VersionNotes& notes) -> Result<void> {
    notes.annotations.tags[key] = value;
    return {};
  }));
  return json::object();
}

Result<json> delete_tag(Call& call) {
  const std::string key = TRY(call.fields.required("key"));
  TRY(annotated(call, [&](model::VersionNotes& notes) -> Result<void> {
    notes.annotations.tags.erase(key);
    return {};
  }));
  return json::object();
}

// The aliases go with their version, or stay with it when it may not go.
Result<json> remove(Call& call) {
  const auto name = TRY(name_of(call));
  const auto number = TRY(version_of(call));
  TRY(call.registry().remove_version(name, number, call.author()));
  return json::object();
}

// Versions give way in these stages alone.
Result<void> check_active(std::string_view stage) {
  if (stage == "Staging" || stage == "Production") return {};
  return invalid_input("archive_existing_versions: expected it with the stages Staging and Production alone, found " +
                       std::string(stage));
}

Result<json> transition(Call& call) {
  const auto name = TRY(name_of(call));
  const auto number = TRY(version_of(call));
  const std::string stage = TRY(parse_stage(TRY(call.fields.required("stage"))));
  const bool archives = TRY(call.fields.flag("archive_existing_versions"));
  if (archives) TRY(check_active(stage));
  const auto move = [&](std::string_view to) {
    return [to](model::VersionNotes& notes) -> Result<void> {
      notes.stage_label = to;
      return {};
    };
  };
  const auto answer = TRY(annotated(call, move(stage)));
  if (!archives) return answer;
  const auto model = TRY(call.registry().model(name));
  for (const SeenVersion& seen : versions_of(model)) {
    if (seen.version.number == number || stage_of(seen) != stage) continue;
    TRY(call.registry().annotate(name, seen.version.number, move("Archived"), std::nullopt, call.author()));
  }
  return answer;
}

Result<json> download_uri(Call& call) {
  const auto name = TRY(name_of(call));
  const auto number = TRY(version_of(call));
  TRY(call.registry().version(name, number));
  return json{{"artifact_uri", version_uri(name, number)}};
}

Result<json> search(Call& call) {
  const auto found = TRY(search_versions(call));
  json answer = {{"model_versions", json::array()}};
  for (const FoundVersion& item : found.versions) {
    answer["model_versions"].push_back(version_view({item.version, &item.notes}, {}));
  }
  if (!found.next.empty()) answer["next_page_token"] = found.next;
  return answer;
}

}  // namespace

Result<std::string> parse_stage(std::string_view said) {
  std::string lower(said);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const std::string_view stage : {"None", "Staging", "Production", "Archived"}) {
    std::string known(stage);
    known[0] = static_cast<char>(known[0] - 'A' + 'a');
    if (lower == known) return std::string(stage);
  }
  return invalid_input("Invalid Model Version stage: expected None, Staging, Production or Archived, found \"" +
                       printable(said) + "\"");
}

void add_model_version_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using net::Method;
  constexpr auto kRead = access::Permission::ReadRegistry;
  constexpr auto kWrite = access::Permission::WriteRegistry;
  const auto add = [&](Method method, std::string_view name, access::Permission permission, Answer answer,
                       net::Work work = net::Work::Short) {
    routes.push_back(within_limits(route(desk, method, "model-versions/" + std::string(name), permission, answer,
                                         Conflicts::AreResourceConflict, work)));
  };
  add(Method::Post, "create", kWrite, create, net::Work::Long);  // it is verified
  add(Method::Get, "get", kRead, get);
  add(Method::Patch, "update", kWrite, update);
  add(Method::Delete, "delete", kWrite, remove);
  add(Method::Get, "search", kRead, search);
  add(Method::Post, "transition-stage", kWrite, transition);
  add(Method::Get, "get-download-uri", kRead, download_uri);
  add(Method::Post, "set-tag", kWrite, set_tag);
  add(Method::Delete, "delete-tag", kWrite, delete_tag);
}

}  // namespace slipway::api_mlflow
