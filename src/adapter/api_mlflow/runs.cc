// Runs: create, get, update, search, delete, restore, what is logged to them, and the history of a metric.
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/artifact_place.h"
#include "adapter/api_mlflow/call.h"
#include "adapter/api_mlflow/run_links.h"
#include "adapter/api_mlflow/views.h"
#include "base/text.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;
using training::Entry;
using training::EntryKey;
using training::Kind;
using training::Metric;

constexpr std::string_view kNameTag = "mlflow.runName";
constexpr std::string_view kUserTag = "mlflow.user";
constexpr std::string_view kModelsTag = "mlflow.log-model.history";

// Clients say both names; old ones only the second.
Result<EntryKey> run_of(const Call& call) {
  const std::string id = TRY(call.fields.text_or("run_id", ""));
  EntryKey key{Kind::Run, id.empty() ? TRY(call.fields.required("run_uuid")) : id};
  TRY(call.reach().expect(key, Use::Change));
  return key;
}

std::string tag_in(const std::vector<Tag>& tags, std::string_view of) {
  for (const auto& [key, value] : tags) {
    if (key == of) return value;
  }
  return {};
}

Result<json> create(Call& call) {
  tracking::NewEntry asked;
  asked.experiment = TRY(call.fields.text_or("experiment_id", ""));
  if (asked.experiment.empty()) asked.experiment = tracking::kDefaultExperiment;
  TRY(call.reach().expect(EntryKey{Kind::Experiment, asked.experiment}, Use::PutInto));
  asked.owner = call.request.principal().name;
  asked.started = TRY(call.fields.number("start_time"));
  asked.tags = TRY(call.fields.pairs("tags"));
  TRY(check_not_links(asked.tags));
  // What a client says of itself is a tag, and gives nobody's runs to somebody else.
  const std::string user = TRY(call.fields.text_or("user_id", ""));
  if (!user.empty() && tag_in(asked.tags, kUserTag).empty()) asked.tags.emplace_back(kUserTag, user);
  asked.name = TRY(call.fields.text_or("run_name", ""));
  if (asked.name.empty()) asked.name = tag_in(asked.tags, kNameTag);
  if (asked.name.empty()) asked.name = "run-" + std::string(call.request.request_id().substr(0, 12));
  if (tag_in(asked.tags, kNameTag).empty()) asked.tags.emplace_back(kNameTag, asked.name);
  return json{{"run", run_view(TRY(call.tracking().create(asked)))}};
}

Result<json> get(Call& call) {
  return json{{"run", run_view(TRY(call.tracking().entry(TRY(run_of(call)))))}};
}

Result<json> update(Call& call) {
  const EntryKey run = TRY(run_of(call));
  tracking::EntryChange asked;
  if (const auto status = TRY(call.fields.text("status"))) {
    asked.state = training::parse_state(*status);
    if (!asked.state) {
      return invalid_input(
          "Invalid value for parameter 'status': expected RUNNING, SCHEDULED, FINISHED, FAILED or "
          "KILLED, found \"" +
          printable(*status) + "\"");
    }
  }
  asked.ended = TRY(call.fields.number("end_time"));
  asked.name = TRY(call.fields.text("run_name"));
  if (asked.name && asked.name->empty()) asked.name.reset();
  if (asked.name) asked.tags.emplace_back(kNameTag, *asked.name);
  const Entry changed = TRY(call.tracking().change(run, asked));
  return json{{"run_info", run_view(changed)["info"]}};
}

Result<json> search(Call& call) {
  auto request = TRY(search_request(call, Kind::Run, "run_view_type"));
  request.order_by = TRY(call.fields.texts("order_by"));
  request.experiments = TRY(call.fields.texts("experiment_ids"));
  json answer = {{"runs", json::array()}};
  if (request.experiments.empty()) return answer;
  const auto found = TRY(call.tracking().search(request));
  for (const Entry& entry : found.entries) answer["runs"].push_back(run_view(entry));
  if (!found.next.empty()) answer["next_page_token"] = found.next;
  return answer;
}

Result<json> set_removed(Call& call, bool removed) {
  tracking::EntryChange asked;
  asked.removed = removed;
  TRY(call.tracking().change(TRY(run_of(call)), asked));
  return json::object();
}
Result<json> remove(Call& call) {
  return set_removed(call, true);
}
Result<json> restore(Call& call) {
  return set_removed(call, false);
}

// Infinite values are kept as the largest finite ones, as MLflow keeps them.
double kept_value(double value) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return std::isinf(value) ? std::copysign(kLargest, value) : value;
}

// With the logged model it is about, when it names one.
struct GivenMetric {
  Metric metric;
  std::string model;
};
Result<GivenMetric> metric_of(const Fields& fields) {
  GivenMetric given;
  given.metric.key = TRY(fields.required("key"));
  const auto value = TRY(fields.real("value"));
  if (!value) return invalid_input("Missing value for required parameter 'value' of metric '" + given.metric.key + "'");
  given.metric.value = kept_value(*value);
  given.metric.timestamp = TRY(fields.number("timestamp")).value_or(0);
  given.metric.step = TRY(fields.number("step")).value_or(0);
  given.model = TRY(fields.text_or("model_id", ""));
  return given;
}

Result<void> log_metrics(Call& call, const EntryKey& run, const std::vector<GivenMetric>& given,
                         tracking::Notes notes) {
  std::map<EntryKey, tracking::Notes> all;
  for (const GivenMetric& item : given) {
    notes.metrics.push_back(item.metric);
    if (item.model.empty()) continue;
    const EntryKey model{Kind::Model, item.model};
    if (!all.contains(model)) TRY(call.reach().expect(model, Use::Change));
    all[model].metrics.push_back(item.metric);
  }
  all[run] = std::move(notes);
  return call.tracking().log_all(all);
}

Result<json> log_metric(Call& call) {
  TRY(log_metrics(call, TRY(run_of(call)), {TRY(metric_of(call.fields))}, {}));
  return json::object();
}

Result<json> log_parameter(Call& call) {
  tracking::Notes notes;
  notes.parameters.emplace_back(TRY(call.fields.required("key")), TRY(call.fields.text_or("value", "")));
  TRY(call.tracking().log(TRY(run_of(call)), notes));
  return json::object();
}

Result<json> log_batch(Call& call) {
  tracking::Notes notes;
  notes.parameters = TRY(call.fields.pairs("params"));
  notes.tags = TRY(call.fields.pairs("tags"));
  TRY(check_not_links(notes.tags));
  std::vector<GivenMetric> metrics;
  for (const Fields& item : TRY(call.fields.list("metrics"))) metrics.push_back(TRY(metric_of(item)));
  TRY(log_metrics(call, TRY(run_of(call)), metrics, std::move(notes)));
  return json::object();
}

Result<json> set_tag(Call& call) {
  const EntryKey run = TRY(run_of(call));
  const std::string key = TRY(call.fields.required("key"));
  const std::string value = TRY(call.fields.text_or("value", ""));
  TRY(check_not_links({{key, value}}));
  if (key == kNameTag) {
    tracking::EntryChange asked;
    asked.name = value;
    asked.tags.emplace_back(key, value);
    TRY(call.tracking().change(run, asked));
    return json::object();
  }
  tracking::Notes notes;
  notes.tags.emplace_back(key, value);
  TRY(call.tracking().log(run, notes));
  return json::object();
}

Result<json> delete_tag(Call& call) {
  const std::string key = TRY(call.fields.required("key"));
  TRY(check_not_links({{key, ""}}));
  TRY(call.tracking().remove_tag(TRY(run_of(call)), key));
  return json::object();
}

// Clients of releases below 3: the model's description joins a list that is kept as a tag.
Result<json> log_model(Call& call) {
  const EntryKey run = TRY(run_of(call));
  const json model = json::parse(TRY(call.fields.required("model_json")), nullptr, false);
  if (!model.is_object())
    return invalid_input("Invalid value for parameter 'model_json': expected a JSON object as text");
  TRY(call.tracking().update_tag(run, std::string(kModelsTag), [&](const std::string& before) -> Result<std::string> {
    json models = json::parse(before, nullptr, false);
    if (!models.is_array()) models = json::array();
    models.push_back(model);
    return models.dump(-1, ' ', false, json::error_handler_t::replace);
  }));
  return json::object();
}

Result<json> log_inputs(Call& call) {
  tracking::Notes notes;
  for (const Fields& item : TRY(call.fields.list("datasets"))) notes.tags.push_back(TRY(input_link(item.object())));
  TRY(call.tracking().log(TRY(run_of(call)), notes));
  return json::object();
}

Result<json> log_outputs(Call& call) {
  tracking::Notes notes;
  for (const Fields& item : TRY(call.fields.list("models"))) {
    const std::string model = TRY(item.required("model_id"));
    TRY(call.reach().expect(EntryKey{Kind::Model, model}, Use::Look));
    TRY(call.tracking().entry({Kind::Model, model}));
    notes.tags.push_back(output_link(model, TRY(item.number("step")).value_or(0)));
  }
  TRY(call.tracking().log(TRY(run_of(call)), notes));
  return json::object();
}

Result<json> metric_history(Call& call) {
  constexpr std::size_t kUsual = 25'000;
  const std::size_t limit = TRY(page_size(call, kUsual, kUsual));
  const std::string token = TRY(call.fields.text_or("page_token", ""));
  std::size_t skip = 0;
  if (!token.empty()) {
    const auto read = std::from_chars(token.data(), token.data() + token.size(), skip);
    if (read.ec != std::errc{} || read.ptr != token.data() + token.size()) {
      return invalid_input("page_token: expected one that this server gave, found \"" + printable(token) + "\"");
    }
  }
  const std::string key = TRY(call.fields.required("metric_key"));
  const auto points = TRY(call.tracking().history(TRY(run_of(call)), key, skip, limit));
  json answer = {{"metrics", json::array()}};
  for (const Metric& point : points) answer["metrics"].push_back(metric_view(point));
  if (points.size() == limit) answer["next_page_token"] = std::to_string(skip + limit);
  return answer;
}

}  // namespace

void add_run_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using net::Method;
  constexpr auto kRead = access::Permission::ReadRegistry;
  constexpr auto kWrite = access::Permission::WriteRegistry;
  const auto add = [&](Method method, std::string_view name, access::Permission permission, Answer answer) {
    routes.push_back(within_limits(route(desk, method, name, permission, answer)));
  };
  add(Method::Post, "runs/create", kWrite, create);
  add(Method::Get, "runs/get", kRead, get);
  add(Method::Post, "runs/update", kWrite, update);
  routes.push_back(within_limits(search_route(desk, "runs/search", search)));
  add(Method::Post, "runs/delete", kWrite, remove);
  add(Method::Post, "runs/restore", kWrite, restore);
  add(Method::Post, "runs/log-metric", kWrite, log_metric);
  add(Method::Post, "runs/log-parameter", kWrite, log_parameter);
  add(Method::Post, "runs/log-batch", kWrite, log_batch);
  add(Method::Post, "runs/set-tag", kWrite, set_tag);
  add(Method::Post, "runs/delete-tag", kWrite, delete_tag);
  add(Method::Post, "runs/log-model", kWrite, log_model);
  add(Method::Post, "runs/log-inputs", kWrite, log_inputs);
  add(Method::Post, "runs/outputs", kWrite, log_outputs);
  add(Method::Get, "metrics/get-history", kRead, metric_history);
}

}  // namespace slipway::api_mlflow
