// /api/v1/models/...: what is registered, aliases, verification, retirement and removal.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/heavy_slot.h"
#include "adapter/api_admin/views.h"
#include "base/text.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

Result<Reply> show_model(Desk& desk, BlockingRequest& request) {
  JsonWriter json;
  write_model(json, TRY(desk.parts.registry.model(TRY(model_of(request)))));
  return json_reply(json.take());
}

Result<Reply> remove_model(Desk& desk, BlockingRequest& request) {
  TRY(desk.parts.registry.remove_model(TRY(model_of(request)), TRY(author_of(request))));
  return no_content();
}

// The gate has looked at the model of the path only; the other name comes in the body.
Result<Reply> rename_model(Desk& desk, BlockingRequest& request) {
  const auto from = TRY(model_of(request));
  const auto fields = TRY(fields_of(request, {"name", "reason"}));
  const auto text = TRY(fields.text("name", 1'024));
  if (!text) return invalid_input("name: expected the name that the model gets, found none");
  const auto parsed = model::ModelName::parse(*text);
  if (!parsed) return Error(parsed.error()).within("name");
  TRY(expect_covered(desk, request, parsed->text()));
  TRY(desk.parts.registry.rename_model(from, *parsed, TRY(author_of(request, &fields))));
  JsonWriter json;
  write_model(json, TRY(desk.parts.registry.model(*parsed)));
  return json_reply(json.take());
}

Reply version_reply(Desk& desk, const model::ModelVersion& version, int status = 200) {
  return json_reply(version_details(version, desk.parts.packages.read_manifest(version.manifest)), status);
}

Result<Reply> show_version(Desk& desk, BlockingRequest& request) {
  return version_reply(desk, TRY(desk.parts.registry.version(TRY(model_of(request)), TRY(version_of(request)))));
}

Result<Reply> show_file(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  Reply reply;
  reply.content = TRY(desk.parts.registry.file(name, number, request.parameter(2)));
  reply.content_type = "application/octet-stream";
  reply.headers = {{"X-Content-Type-Options", "nosniff"}, {"Content-Disposition", "attachment"}};
  return reply;
}

Result<Reply> remove_version(Desk& desk, BlockingRequest& request) {
  TRY(desk.parts.registry.remove_version(TRY(model_of(request)), TRY(version_of(request)), TRY(author_of(request))));
  return no_content();
}

Result<Reply> verify_version(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  const auto fields = TRY(fields_of(request, {"reason"}));
  const HeavySlot slot(desk);
  if (!slot.taken()) return busy();
  return version_reply(desk, TRY(desk.parts.registry.verify(name, number, TRY(author_of(request, &fields)))));
}

Result<Reply> retire_version(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  const auto fields = TRY(fields_of(request, {"reason"}));
  return version_reply(desk, TRY(desk.parts.registry.retire_version(name, number, TRY(author_of(request, &fields)))));
}

Result<model::Alias> alias_of(const BlockingRequest& request) {
  return model::Alias::parse(request.parameter(1));
}

Reply alias_reply(const model::ModelName& name, const model::Alias& alias, model::VersionNumber version) {
  JsonWriter json;
  json.open('{').field("model", name.text()).field("alias", alias.text()).field("version", version).close('}');
  return json_reply(json.take());
}

Result<Reply> show_alias(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto alias = TRY(alias_of(request));
  const auto summary = TRY(desk.parts.registry.model(name));
  for (const ports::AliasRecord& record : summary.aliases) {
    if (record.alias == alias) return alias_reply(name, alias, record.version);
  }
  return not_found("model \"" + name.text() + "\" has no alias \"" + alias.text() + "\"");
}

Result<Reply> set_alias(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto alias = TRY(alias_of(request));
  const auto fields = TRY(fields_of(request, {"version", "expected", "reason"}));
  const auto version = TRY(fields.number("version"));
  if (!version || *version == 0) return invalid_input("version: expected a version of 1 or more, found none");
  const auto expected = TRY(fields.number("expected"));
  TRY(desk.parts.registry.set_alias(name, alias, *version, expected, TRY(author_of(request, &fields))));
  return alias_reply(name, alias, *version);
}

Result<Reply> remove_alias(Desk& desk, BlockingRequest& request) {
  TRY(desk.parts.registry.remove_alias(TRY(model_of(request)), TRY(alias_of(request)), TRY(author_of(request))));
  return no_content();
}

}  // namespace

void add_model_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string models = "/api/v1/models";
  const std::string model = models + "/{model}";
  const std::string version = model + "/versions/{version}";
  const std::string alias = model + "/aliases/{alias}";
  routes.push_back(route(desk, Method::Get, model, Permission::ReadRegistry, show_model));
  routes.push_back(route(desk, Method::Delete, model, Permission::WriteRegistry, remove_model));
  routes.push_back(route(desk, Method::Post, model + "/rename", Permission::WriteRegistry, rename_model));
  routes.push_back(route(desk, Method::Get, version, Permission::ReadRegistry, show_version));
  routes.push_back(route(desk, Method::Delete, version, Permission::WriteRegistry, remove_version));
  routes.push_back(route(desk, Method::Get, version + "/files/{path...}", Permission::ReadRegistry, show_file,
                         kibibytes(64), net::Work::Long));
  routes.push_back(route(desk, Method::Post, version + "/verify", Permission::WriteRegistry, verify_version,
                         kibibytes(64), net::Work::Long));
  routes.push_back(route(desk, Method::Post, version + "/retire", Permission::WriteRegistry, retire_version));
  routes.push_back(route(desk, Method::Get, alias, Permission::ReadRegistry, show_alias));
  routes.push_back(route(desk, Method::Put, alias, Permission::WriteRegistry, set_alias));
  routes.push_back(route(desk, Method::Delete, alias, Permission::WriteRegistry, remove_alias));
}

}  // namespace slipway::api_admin
