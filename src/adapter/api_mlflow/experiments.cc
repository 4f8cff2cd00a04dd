// Experiments: create, get, get-by-name, search, update, delete, restore, set-experiment-tag, delete-experiment-tag.
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/call.h"
#include "adapter/api_mlflow/views.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;
using training::EntryKey;
using training::Kind;

Result<EntryKey> experiment_of(const Call& call, Use use) {
  EntryKey key{Kind::Experiment, TRY(call.fields.required("experiment_id"))};
  TRY(call.reach().expect(key, use));
  return key;
}

Result<json> create(Call& call) {
  tracking::NewEntry asked;
  asked.kind = Kind::Experiment;
  asked.name = TRY(call.fields.required("name"));
  TRY(call.reach().expect_name(asked.name));
  asked.owner = call.request.principal().name;
  asked.tags = TRY(call.fields.pairs("tags"));
  const std::string place = TRY(call.fields.text_or("artifact_location", ""));
  if (!place.empty()) {
    return invalid_input("artifact_location: expected none, found \"" + place +
                         "\": this server keeps all artifacts itself");
  }
  return json{{"experiment_id", TRY(call.tracking().create(asked)).key.id}};
}

Result<json> get(Call& call) {
  return json{{"experiment", experiment_view(TRY(call.tracking().entry(TRY(experiment_of(call, Use::Look)))))}};
}

Result<json> get_by_name(Call& call) {
  const std::string name = TRY(call.fields.required("experiment_name"));
  const auto found = call.tracking().experiment_named(name);
  // The default one may have another name by now; of every other the name says whether it is reached.
  const bool is_reached = found.ok() && call.reach().covers(*found, Use::Look);
  if (!is_reached) TRY(call.reach().expect_name(name));
  if (!found.ok()) return found.error();
  return json{{"experiment", experiment_view(*found)}};
}

Result<json> search(Call& call) {
  auto request = TRY(search_request(call, Kind::Experiment, "view_type"));
  request.order_by = TRY(call.fields.texts("order_by"));
  const auto found = TRY(call.tracking().search(request));
  json answer = {{"experiments", json::array()}};
  for (const training::Entry& entry : found.entries) answer["experiments"].push_back(experiment_view(entry));
  if (!found.next.empty()) answer["next_page_token"] = found.next;
  return answer;
}

Result<json> update(Call& call) {
  tracking::EntryChange asked;
  asked.name = TRY(call.fields.text("new_name"));
  if (asked.name) TRY(call.reach().expect_name(*asked.name));
  TRY(call.tracking().change(TRY(experiment_of(call, Use::Change)), asked));
  return json::object();
}

Result<json> set_removed(Call& call, bool removed) {
  tracking::EntryChange asked;
  asked.removed = removed;
  TRY(call.tracking().change(TRY(experiment_of(call, Use::Change)), asked));
  return json::object();
}
Result<json> remove(Call& call) {
  return set_removed(call, true);
}
Result<json> restore(Call& call) {
  return set_removed(call, false);
}

Result<json> set_tag(Call& call) {
  tracking::Notes notes;
  notes.tags.emplace_back(TRY(call.fields.required("key")), TRY(call.fields.text_or("value", "")));
  TRY(call.tracking().log(TRY(experiment_of(call, Use::Change)), notes));
  return json::object();
}
Result<json> delete_tag(Call& call) {
  TRY(call.tracking().remove_tag(TRY(experiment_of(call, Use::Change)), TRY(call.fields.required("key"))));
  return json::object();
}

}  // namespace

void add_experiment_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using net::Method;
  constexpr auto kRead = access::Permission::ReadRegistry;
  constexpr auto kWrite = access::Permission::WriteRegistry;
  const auto add = [&](Method method, std::string_view name, access::Permission permission, Answer answer) {
    routes.push_back(within_limits(route(desk, method, name, permission, answer, Conflicts::AreAlreadyExists)));
  };
  add(Method::Post, "experiments/create", kWrite, create);
  add(Method::Get, "experiments/get", kRead, get);
  add(Method::Get, "experiments/get-by-name", kRead, get_by_name);
  add(Method::Post, "experiments/search", kRead, search);
  add(Method::Get, "experiments/search", kRead, search);
  add(Method::Post, "experiments/update", kWrite, update);
  add(Method::Post, "experiments/delete", kWrite, remove);
  add(Method::Post, "experiments/restore", kWrite, restore);
  add(Method::Post, "experiments/set-experiment-tag", kWrite, set_tag);
  add(Method::Post, "experiments/delete-experiment-tag", kWrite, delete_tag);
}

}  // namespace slipway::api_mlflow
