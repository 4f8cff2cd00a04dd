// Logged models (MLflow 3): what log_model makes, before and apart from any registration.
#include <array>
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/call.h"
#include "adapter/api_mlflow/views.h"
#include "base/text.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;
using training::EntryKey;
using training::Kind;
using training::State;

Result<EntryKey> model_of(const Call& call) {
  EntryKey key{Kind::Model, std::string(call.request.parameter(0))};
  TRY(call.reach().expect(key, Use::Change));
  return key;
}

Result<json> view_of(Call& call) {
  return json{{"model", model_view(TRY(call.tracking().entry(TRY(model_of(call)))))}};
}

Result<json> create(Call& call) {
  tracking::NewEntry asked;
  asked.kind = Kind::Model;
  asked.experiment = TRY(call.fields.required("experiment_id"));
  TRY(call.reach().expect(EntryKey{Kind::Experiment, asked.experiment}, Use::PutInto));
  asked.name = TRY(call.fields.text_or("name", ""));
  asked.type = TRY(call.fields.text_or("model_type", ""));
  asked.source_run = TRY(call.fields.text_or("source_run_id", ""));
  if (!asked.source_run.empty()) TRY(call.reach().expect(EntryKey{Kind::Run, asked.source_run}, Use::Look));
  asked.owner = call.request.principal().name;
  asked.parameters = TRY(call.fields.pairs("params"));
  asked.tags = TRY(call.fields.pairs("tags"));
  return json{{"model", model_view(TRY(call.tracking().create(asked)))}};
}

// By its name or protobuf's number.
Result<State> parse_status(std::string_view said) {
  static constexpr std::array<std::pair<std::string_view, State>, 6> kStates = {
      {{"LOGGED_MODEL_PENDING", State::Pending},
       {"1", State::Pending},
       {"LOGGED_MODEL_READY", State::Ready},
       {"2", State::Ready},
       {"LOGGED_MODEL_UPLOAD_FAILED", State::UploadFailed},
       {"3", State::UploadFailed}}};
  for (const auto& [name, state] : kStates) {
    if (name == said) return state;
  }
  return invalid_input(
      "Invalid value for parameter 'status': expected LOGGED_MODEL_READY, LOGGED_MODEL_PENDING or "
      "LOGGED_MODEL_UPLOAD_FAILED, found \"" +
      printable(said) + "\"");
}

Result<json> finish(Call& call) {
  tracking::EntryChange asked;
  asked.state = TRY(parse_status(TRY(call.fields.required("status"))));
  return json{{"model", model_view(TRY(call.tracking().change(TRY(model_of(call)), asked)))}};
}

Result<json> remove(Call& call) {
  tracking::EntryChange asked;
  asked.removed = true;
  TRY(call.tracking().change(TRY(model_of(call)), asked));
  return json::object();
}

Result<json> search(Call& call) {
  auto request = TRY(search_request(call, Kind::Model, ""));
  request.experiments = TRY(call.fields.texts("experiment_ids"));
  for (const Fields& item : TRY(call.fields.list("order_by"))) {
    const bool ascending = TRY(item.flag("ascending"));
    request.order_by.push_back(TRY(item.required("field_name")) + (ascending ? " ASC" : " DESC"));
  }
  json answer = {{"models", json::array()}};
  if (request.experiments.empty()) return answer;
  const auto found = TRY(call.tracking().search(request));
  for (const training::Entry& entry : found.entries) answer["models"].push_back(model_view(entry));
  if (!found.next.empty()) answer["next_page_token"] = found.next;
  return answer;
}

Result<json> set_tags(Call& call) {
  tracking::Notes notes;
  notes.tags = TRY(call.fields.pairs("tags"));
  TRY(call.tracking().log(TRY(model_of(call)), notes));
  return view_of(call);
}

Result<json> delete_tag(Call& call) {
  TRY(call.tracking().remove_tag(TRY(model_of(call)), std::string(call.request.parameter(1))));
  return json::object();
}

Result<json> log_parameters(Call& call) {
  tracking::Notes notes;
  notes.parameters = TRY(call.fields.pairs("params"));
  TRY(call.tracking().log(TRY(model_of(call)), notes));
  return json::object();
}

}  // namespace

void add_logged_model_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using net::Method;
  constexpr auto kRead = access::Permission::ReadRegistry;
  constexpr auto kWrite = access::Permission::WriteRegistry;
  const auto add = [&](Method method, std::string_view name, access::Permission permission, Answer answer) {
    routes.push_back(within_limits(route(desk, method, name, permission, answer)));
  };
  add(Method::Post, "logged-models", kWrite, create);
  routes.push_back(within_limits(search_route(desk, "logged-models/search", search)));
  add(Method::Get, "logged-models/{model_id}", kRead, view_of);
  add(Method::Patch, "logged-models/{model_id}", kWrite, finish);
  add(Method::Delete, "logged-models/{model_id}", kWrite, remove);
  add(Method::Post, "logged-models/{model_id}/params", kWrite, log_parameters);
  add(Method::Patch, "logged-models/{model_id}/tags", kWrite, set_tags);
  add(Method::Delete, "logged-models/{model_id}/tags/{key}", kWrite, delete_tag);
}

}  // namespace slipway::api_mlflow
