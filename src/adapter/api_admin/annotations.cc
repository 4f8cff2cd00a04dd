// /api/v1/models/{model}[/versions/{version}]/annotations: what people write about models and versions.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/json_writer.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

void write_annotations(JsonWriter& json, const model::Annotations& annotations, std::uint64_t revision) {
  json.field("description", annotations.description).key("tags").open('{');
  for (const auto& [key, value] : annotations.tags) json.field(key, value);
  json.close('}').key("changed_at");
  annotations.changed_at == WallTime{} ? json.null() : json.value(to_rfc3339(annotations.changed_at));
  json.field("revision", revision);
}

Reply of_model(const ports::Stored<ports::ModelRecord>& stored) {
  JsonWriter json;
  json.open('{').field("model", stored.record.name.text());
  write_annotations(json, stored.record.annotations, stored.revision);
  json.close('}');
  return json_reply(json.take());
}

Reply of_version(const ports::Stored<model::VersionNotes>& stored) {
  const model::VersionNotes& notes = stored.record;
  JsonWriter json;
  json.open('{').field("model", notes.model.text()).field("version", notes.version);
  write_annotations(json, notes.annotations, stored.revision);
  json.field("stage_label", notes.stage_label).field("source", notes.source);
  json.field("run_id", notes.run_id).field("run_link", notes.run_link).close('}');
  return json_reply(json.take());
}

// What a request changes; what it does not name stays, a tag of null goes.
struct Edit {
  std::optional<std::string> description;
  std::map<std::string, std::optional<std::string>> tags;
  std::optional<std::uint64_t> expected;

  void apply(model::Annotations& annotations) const {
    if (description) annotations.description = *description;
    for (const auto& [key, value] : tags) {
      value ? static_cast<void>(annotations.tags[key] = *value) : static_cast<void>(annotations.tags.erase(key));
    }
  }
};

Result<Edit> edit_of(const JsonFields& fields) {
  Edit edit;
  edit.description = TRY(fields.text("description", model::kLongestDescription));
  edit.tags = TRY(fields.texts("tags", model::kLongestTagValue, 2 * model::kMostTags));
  edit.expected = TRY(fields.number("expected"));
  return edit;
}

constexpr Bytes kLargestEdit = mebibytes(4);

Result<JsonFields> edit_fields(BlockingRequest& request) {
  return fields_of(request, {"description", "tags", "expected", "reason"});
}

Result<Reply> show_model(Desk& desk, BlockingRequest& request) {
  return of_model(TRY(desk.parts.registry.record(TRY(model_of(request)))));
}

Result<Reply> edit_model(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto fields = TRY(edit_fields(request));
  const Edit edit = TRY(edit_of(fields));
  const auto change = [&](model::Annotations& annotations) {
    edit.apply(annotations);
    return Result<void>();
  };
  return of_model(TRY(desk.parts.registry.annotate(name, change, edit.expected, TRY(author_of(request, &fields)))));
}

Result<Reply> show_version(Desk& desk, BlockingRequest& request) {
  return of_version(TRY(desk.parts.registry.notes(TRY(model_of(request)), TRY(version_of(request)))));
}

Result<Reply> edit_version(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  const auto fields = TRY(edit_fields(request));
  const Edit edit = TRY(edit_of(fields));
  const auto change = [&](model::VersionNotes& notes) {
    edit.apply(notes.annotations);
    return Result<void>();
  };
  const auto author = TRY(author_of(request, &fields));
  return of_version(TRY(desk.parts.registry.annotate(name, number, change, edit.expected, author)));
}

}  // namespace

void add_annotation_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string model = "/api/v1/models/{model}/annotations";
  const std::string version = "/api/v1/models/{model}/versions/{version}/annotations";
  routes.push_back(route(desk, Method::Get, model, Permission::ReadRegistry, show_model));
  routes.push_back(route(desk, Method::Patch, model, Permission::WriteRegistry, edit_model, kLargestEdit));
  routes.push_back(route(desk, Method::Get, version, Permission::ReadRegistry, show_version));
  routes.push_back(route(desk, Method::Patch, version, Permission::WriteRegistry, edit_version, kLargestEdit));
}

}  // namespace slipway::api_admin
