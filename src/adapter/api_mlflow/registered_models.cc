// registered-models: create, get, update, delete, search, get-latest-versions, tags and aliases.
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/call.h"
#include "adapter/api_mlflow/model_search.h"
#include "adapter/api_mlflow/model_views.h"
#include "base/text.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;

Result<json> view_of(Call& call, const model::ModelName& name) {
  return json{{"registered_model", registered_model_view(TRY(call.registry().model(name)))}};
}

Result<json> create(Call& call) {
  const auto name = TRY(name_of(call));
  model::Annotations annotations;
  annotations.description = TRY(call.fields.text_or("description", ""));
  for (const auto& [key, value] : TRY(call.fields.pairs("tags"))) annotations.tags[key] = value;
  TRY(call.registry().create_model(name, std::move(annotations), call.author()));
  return view_of(call, name);
}

Result<json> get(Call& call) {
  return view_of(call, TRY(name_of(call)));
}

Result<json> update(Call& call) {
  const auto name = TRY(name_of(call));
  const auto description = TRY(call.fields.text_or("description", ""));
  const auto change = [&](model::Annotations& annotations) -> Result<void> {
    annotations.description = description;
    return {};
  };
  TRY(call.registry().annotate(name, change, std::nullopt, call.author()));
  return view_of(call, name);
}

Result<json> rename(Call& call) {
  const auto from = TRY(name_of(call));
  const auto to = TRY(name_of(call, "new_name"));
  if (call.registry().record(to).ok()) call.conflicts = Conflicts::AreAlreadyExists;
  TRY(call.registry().rename_model(from, to, call.author()));
  return view_of(call, to);
}

Result<json> remove(Call& call) {
  TRY(call.registry().remove_model(TRY(name_of(call)), call.author()));
  return json::object();
}

Result<json> set_tag(Call& call) {
  const std::string key = TRY(call.fields.required("key"));
  const std::string value = TRY(call.fields.text_or("value", ""));
  const auto change = [&](model::Annotations& annotations) -> Result<void> {
    annotations.tags[key] = value;
    return {};
  };
  TRY(call.registry().annotate(TRY(name_of(call)), change, std::nullopt, call.author()));
  return json::object();
}

Result<json> delete_tag(Call& call) {
  const std::string key = TRY(call.fields.required("key"));
  const auto change = [&](model::Annotations& annotations) -> Result<void> {
    annotations.tags.erase(key);
    return {};
  };
  TRY(call.registry().annotate(TRY(name_of(call)), change, std::nullopt, call.author()));
  return json::object();
}

Result<json> set_alias(Call& call) {
  const auto alias = TRY(alias_of(call));
  TRY(call.registry().set_alias(TRY(name_of(call)), alias, TRY(version_of(call)), std::nullopt, call.author()));
  return json::object();
}

Result<json> delete_alias(Call& call) {
  const auto name = TRY(name_of(call));
  const auto alias = TRY(alias_of(call));
  TRY(call.registry().model(name));
  const auto removed = call.registry().remove_alias(name, alias, call.author());
  if (!removed && removed.error().code != ErrorCode::NotFound) return removed.error();
  return json::object();
}

// An unknown alias is a wrong parameter to MLflow's clients, not a missing resource.
Result<json> get_by_alias(Call& call) {
  const auto alias = TRY(alias_of(call));
  const auto model = TRY(call.registry().model(TRY(name_of(call))));
  for (const ports::AliasRecord& record : model.aliases) {
    if (record.alias != alias) continue;
    for (const SeenVersion& seen : versions_of(model)) {
      if (seen.version.number != record.version) continue;
      return json{{"model_version", version_view(seen, aliases_of(model, record.version))}};
    }
  }
  return invalid_input("Registered model alias " + printable(alias.text()) + " not found.");
}

Result<json> latest_versions(Call& call) {
  const auto model = TRY(call.registry().model(TRY(name_of(call))));
  std::vector<std::string> stages;
  for (const std::string& said : TRY(call.fields.texts("stages"))) stages.push_back(TRY(parse_stage(said)));
  return json{{"model_versions", latest_views(model, stages)}};
}

Result<json> search(Call& call) {
  const auto found = TRY(search_models(call));
  json answer = {{"registered_models", json::array()}};
  for (const registry::ModelSummary& model : found.models) {
    answer["registered_models"].push_back(registered_model_view(model));
  }
  if (!found.next.empty()) answer["next_page_token"] = found.next;
  return answer;
}

// A word that stands for something else in a model's URI.
bool means_a_version(std::string_view word) {
  const bool is_number = word.size() > 1 && (word[0] == 'v' || word[0] == 'V') &&
                         word.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return is_number || word == "latest";
}

}  // namespace

Result<model::ModelName> name_of(const Call& call, std::string_view key) {
  const std::string said = TRY(call.fields.required(key));
  auto name = model::ModelName::parse(said);
  if (name) TRY(call.reach().expect(*name));
  if (name) return name;
  return invalid_input("Invalid value for parameter '" + std::string(key) + "': " + name.error().message);
}

Result<model::VersionNumber> version_of(const Call& call) {
  const std::string said = TRY(call.fields.required("version"));
  const auto number = model::parse_version(said);
  if (number) return *number;
  return invalid_input("Invalid value for parameter 'version': expected a version of 1 or more, found \"" +
                       printable(said) + "\"");
}

Result<model::Alias> alias_of(const Call& call) {
  const std::string said = TRY(call.fields.required("alias"));
  auto alias = model::Alias::parse(said);
  if (alias && !means_a_version(said)) return alias;
  return invalid_input("Invalid value for parameter 'alias': " +
                       (alias ? "\"latest\" and v with a number are no aliases" : alias.error().message));
}

void add_registered_model_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using net::Method;
  constexpr auto kRead = access::Permission::ReadRegistry;
  constexpr auto kWrite = access::Permission::WriteRegistry;
  const auto add = [&](Method method, std::string_view name, access::Permission permission, Answer answer) {
    routes.push_back(within_limits(route(desk, method, "registered-models/" + std::string(name), permission, answer)));
  };
  routes.push_back(within_limits(
      route(desk, Method::Post, "registered-models/create", kWrite, create, Conflicts::AreAlreadyExists)));
  add(Method::Get, "get", kRead, get);
  add(Method::Patch, "update", kWrite, update);
  add(Method::Post, "rename", kWrite, rename);
  add(Method::Delete, "delete", kWrite, remove);
  add(Method::Get, "search", kRead, search);
  add(Method::Get, "get-latest-versions", kRead, latest_versions);
  add(Method::Post, "get-latest-versions", kRead, latest_versions);
  add(Method::Post, "set-tag", kWrite, set_tag);
  add(Method::Delete, "delete-tag", kWrite, delete_tag);
  add(Method::Post, "alias", kWrite, set_alias);
  add(Method::Delete, "alias", kWrite, delete_alias);
  add(Method::Get, "alias", kRead, get_by_alias);
}

}  // namespace slipway::api_mlflow
