#include "adapter/api_admin/views.h"

#include "adapter/api_admin/assignment_fields.h"

namespace slipway::api_admin {
namespace {

std::string_view name_of(ports::ServedState::State state) {
  switch (state) {
    case ports::ServedState::State::Ready:
      return "ready";
    case ports::ServedState::State::Loading:
      return "loading";
    case ports::ServedState::State::Unloading:
      return "unloading";
    case ports::ServedState::State::Unavailable:
      return "unavailable";
  }
  return "unavailable";
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void write_version_fields(JsonWriter& json, const model::ModelVersion& version) {
  json.field("model", version.name.text()).field("version", version.number);
  json.field("stage", model::name_of(version.stage)).field("reason", version.reason);
  json.field("digest", "sha256:" + version.digest.hex());
  json.field("created_at", to_rfc3339(version.created_at)).field("created_by", version.created_by);
  json.key("makers").open('[');
  for (const std::string& maker : version.makers) json.value(maker);
  json.close(']');
}

void write_split(JsonWriter& json, const model::TrafficSplit& split) {
  json.key("split").open('[');
  for (const model::Share& share : split.shares()) {
    json.open('{').field("version", share.version).field("share", share.share.count).close('}');
  }
  json.close(']');
}

void write_verification(JsonWriter& json, const std::optional<model::Verification>& found) {
  json.key("verification");
  if (!found) {
    json.null();
    return;
  }
  json.open('{').field("cost_fixed_seconds", seconds(found->cost.fixed));
  json.field("cost_per_row_seconds", seconds(found->cost.per_row)).field("row_independent", found->row_independent);
  json.field("memory_bytes", found->memory.count).field("load_seconds", seconds(found->load_time));
  json.field("golden_checked", found->golden_checked).close('}');
}

void write_names(JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  json.key(key).open('[');
  for (const std::string& name : names) json.value(name);
  json.close(']');
}

void write_tensors(JsonWriter& json, std::string_view key, const std::vector<tensor::TensorSpec>& specs) {
  json.key(key).open('[');
  for (const tensor::TensorSpec& spec : specs) {
    json.open('{').field("name", spec.name).field("datatype", tensor::name_of(spec.datatype));
    json.key("shape").open('[');
    for (const std::int64_t size : spec.shape.dimensions()) json.value(size);
    json.close(']').field("optional", spec.optional);
    write_names(json, "features", spec.features);
    write_names(json, "labels", spec.labels);
    json.close('}');
  }
  json.close(']');
}

template <class Map>
void write_map(JsonWriter& json, std::string_view key, const Map& map) {
  json.key(key).open('{');
  for (const auto& [name, value] : map) json.field(name, value);
  json.close('}');
}

void write_manifest(JsonWriter& json, const model::Manifest& manifest) {
  json.key("manifest").open('{').field("format", manifest.format).field("main_file", manifest.main_file);
  write_tensors(json, "inputs", manifest.signature.inputs);
  write_tensors(json, "outputs", manifest.signature.outputs);
  json.key("batching").open('{').field("enabled", manifest.batching.enabled);
  json.field("max_batch", manifest.batching.max_batch).close('}');
  json.key("limits").open('{').field("memory_bytes", manifest.limits.memory.count);
  json.field("timeout_seconds", seconds(manifest.limits.timeout)).close('}');
  write_map(json, "labels", manifest.labels);
  json.field("model_card", manifest.model_card);
  json.key("lineage").open('{');
  write_lineage(json, manifest.lineage);
  json.close('}').close('}');
}

}  // namespace

void write_lineage(JsonWriter& json, const model::Lineage& lineage) {
  json.field("training_data", lineage.training_data).field("code_commit", lineage.code_commit);
  json.field("run_id", lineage.run_id).field("parent", lineage.parent).field("built_by", lineage.built_by);
  write_map(json, "data", lineage.data);
  write_map(json, "parameters", lineage.parameters);
  write_map(json, "metrics", lineage.metrics);
}

void write_version(JsonWriter& json, const model::ModelVersion& version) {
  json.open('{');
  write_version_fields(json, version);
  json.close('}');
}

void write_found(JsonWriter& json, const ports::FoundVersion& found) {
  json.open('{');
  write_version_fields(json, found.version);
  json.field("size", found.size).key("aliases").open('[');
  for (const model::Alias& alias : found.aliases) json.value(alias.text());
  json.close(']').field("description", found.notes ? found.notes->annotations.description : std::string());
  write_map(json, "tags", found.notes ? found.notes->annotations.tags : std::map<std::string, std::string>());
  json.field("format", found.facts ? found.facts->format : std::string());
  json.key("lineage").open('{');
  write_lineage(json, found.facts ? found.facts->lineage : model::Lineage{});
  json.close('}').close('}');
}

void write_model(JsonWriter& json, const registry::ModelSummary& summary) {
  json.open('{').field("name", summary.record.name.text());
  json.field("created_at", to_rfc3339(summary.record.created_at)).field("last_version", summary.record.last_version);
  json.key("versions").open('[');
  for (const model::ModelVersion& version : summary.versions) write_version(json, version);
  json.close(']').key("aliases").open('[');
  for (const ports::AliasRecord& alias : summary.aliases) {
    json.open('{').field("alias", alias.alias.text()).field("version", alias.version).close('}');
  }
  json.close(']').key("serving").open('[');
  for (const auto& desired : summary.desired) {
    json.open('{').field("environment", desired.record.environment).field("revision", desired.revision);
    write_split(json, desired.record.split);
    json.close('}');
  }
  json.close(']').close('}');
}

std::string version_details(const model::ModelVersion& version, const Result<model::Manifest>& manifest) {
  JsonWriter json;
  json.open('{');
  write_version_fields(json, version);
  write_verification(json, version.verification);
  json.key("files").open('[');
  for (const model::PackageFile& file : version.files) {
    json.open('{').field("path", file.path).field("size", file.size).field("sha256", file.digest.hex()).close('}');
  }
  json.close(']');
  if (manifest.ok()) {
    write_manifest(json, *manifest);
  } else {
    json.key("manifest").null();
  }
  json.field("manifest_yaml", version.manifest).close('}');
  return json.take();
}

void write_event(JsonWriter& json, const model::Event& event) {
  json.open('{').field("sequence", event.sequence).field("at", to_rfc3339(event.at)).field("actor", event.actor);
  json.field("action", event.action).field("model", event.model).field("subject", event.subject);
  json.field("from", event.from).field("to", event.to).field("reason", event.reason).close('}');
}

void write_token(JsonWriter& json, const ports::TokenRecord& token) {
  json.field("id", token.id).field("name", token.name).field("role", access::name_of(token.role));
  json.field("created_at", to_rfc3339(token.created_at)).key("expires_at");
  token.expires_at ? json.value(to_rfc3339(*token.expires_at)) : json.null();
  json.key("models").open('[');
  for (const access::NamePattern& pattern : token.scope.models) json.value(pattern.text());
  json.close(']').key("verbs").open('[');
  for (const access::Permission permission : token.scope.permissions) json.value(access::name_of(permission));
  json.close(']').key("environments").open('[');
  for (const std::string& environment : token.scope.environments) json.value(environment);
  json.close(']');
}

void write_state(JsonWriter& json, const ports::ServedState& state) {
  json.open('{').field("model", state.model).field("version", state.version);
  json.field("state", name_of(state.state)).field("reason", state.reason).close('}');
}

void write_desired(JsonWriter& json, const ports::Stored<model::DesiredServing>& desired,
                   const std::vector<ports::ServedState>& states) {
  const model::DesiredServing& record = desired.record;
  json.open('{').field("environment", record.environment).field("model", record.model.text());
  json.field("revision", desired.revision);
  write_split(json, record.split);
  write_assignment(json, record.assignment);
  json.key("mirror");
  if (record.mirror) {
    json.open('{').field("to", record.mirror->to).field("share", std::uint64_t{record.mirror->share.count}).close('}');
  } else {
    json.null();
  }
  json.key("states").open('[');
  for (const ports::ServedState& state : states) {
    if (state.model == record.model.text()) write_state(json, state);
  }
  json.close(']').close('}');
}

}  // namespace slipway::api_admin
