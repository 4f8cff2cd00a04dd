#include "adapter/api_mlflow/views.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/artifact_place.h"
#include "adapter/api_mlflow/run_links.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;
using training::Entry;
using training::State;

json number_view(double value) {
  return std::isnan(value) ? json("NaN") : json(value);
}

std::string_view stage_of(const Entry& entry) {
  return entry.removed ? "deleted" : "active";
}

std::string_view model_status(State state) {
  switch (state) {
    case State::Ready:
      return "LOGGED_MODEL_READY";
    case State::UploadFailed:
      return "LOGGED_MODEL_UPLOAD_FAILED";
    case State::Pending:
    case State::None:
    case State::Running:
    case State::Scheduled:
    case State::Finished:
    case State::Failed:
    case State::Killed:
      return "LOGGED_MODEL_PENDING";
  }
  return "LOGGED_MODEL_PENDING";
}

json metrics_view(const Entry& entry) {
  json metrics = json::array();
  for (const auto& [key, metric] : entry.metrics) metrics.push_back(metric_view(metric));
  return metrics;
}

}  // namespace

json pairs_view(const std::map<std::string, std::string>& pairs) {
  json items = json::array();
  for (const auto& [key, value] : pairs) items.push_back({{"key", key}, {"value", value}});
  return items;
}

json metric_view(const training::Metric& metric) {
  return {{"key", metric.key},
          {"value", number_view(metric.value)},
          {"timestamp", metric.timestamp},
          {"step", metric.step}};
}

json experiment_view(const Entry& entry) {
  return {{"experiment_id", entry.key.id},
          {"name", entry.name},
          {"artifact_location", artifact_uri(entry)},
          {"lifecycle_stage", stage_of(entry)},
          {"creation_time", entry.started},
          {"last_update_time", entry.changed},
          {"tags", pairs_view(entry.tags)}};
}

json run_view(const Entry& entry) {
  json info = {{"run_id", entry.key.id},
               {"run_uuid", entry.key.id},
               {"run_name", entry.name},
               {"experiment_id", entry.experiment},
               {"user_id", entry.owner},
               {"status", name_of(entry.state)},
               {"start_time", entry.started},
               {"artifact_uri", artifact_uri(entry)},
               {"lifecycle_stage", stage_of(entry)}};
  if (entry.ended) info["end_time"] = *entry.ended;
  const json values = {{"metrics", metrics_view(entry)},
                       {"params", pairs_view(entry.parameters)},
                       {"tags", pairs_view(without_links(entry.tags))}};
  return {{"info", info}, {"data", values}, {"inputs", inputs_view(entry)}, {"outputs", outputs_view(entry)}};
}

json model_view(const Entry& entry) {
  json info = {{"model_id", entry.key.id},
               {"experiment_id", entry.experiment},
               {"name", entry.name},
               {"creation_timestamp_ms", entry.started},
               {"last_updated_timestamp_ms", entry.changed},
               {"artifact_uri", artifact_uri(entry)},
               {"status", model_status(entry.state)},
               {"tags", pairs_view(entry.tags)}};
  if (!entry.type.empty()) info["model_type"] = entry.type;
  if (!entry.source_run.empty()) info["source_run_id"] = entry.source_run;
  json metrics = json::array();
  for (const auto& [key, metric] : entry.metrics) {
    json item = metric_view(metric);
    item["model_id"] = entry.key.id;
    if (!entry.source_run.empty()) item["run_id"] = entry.source_run;
    metrics.push_back(std::move(item));
  }
  return {{"info", info}, {"data", {{"metrics", metrics}, {"params", pairs_view(entry.parameters)}}}};
}

}  // namespace slipway::api_mlflow
