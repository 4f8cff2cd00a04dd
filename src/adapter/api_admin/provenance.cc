// /api/v1/models/{model}/versions/{version}/card and /lineage: what a version says of itself and of its origin.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/views.h"
#include "domain/model/model_card.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

Result<Reply> show_card(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  const registry::Card card = TRY(desk.parts.registry.card(name, number));
  const auto sections = model::card_sections(card.markdown);
  JsonWriter json;
  json.open('{').field("model", name.text()).field("version", number).key("source");
  card.source.empty() ? json.null() : json.value(card.source);
  json.field("markdown", card.markdown).key("sections").open('{');
  for (const auto& [title, text] : sections) json.field(title, text);
  json.close('}').key("missing").open('[');
  for (const std::string& title : model::missing_sections(sections)) json.value(title);
  json.close(']').close('}');
  return json_reply(json.take());
}

Result<Reply> show_lineage(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  JsonWriter json;
  json.open('{').field("model", name.text()).field("version", number).key("versions").open('[');
  const auto line = TRY(desk.parts.registry.ancestry(name, number, request.principal().scope.get()));
  for (const registry::Ancestor& ancestor : line) {
    json.open('{').field("model", ancestor.name.text()).field("version", ancestor.number);
    json.field("present", ancestor.version.has_value());
    if (ancestor.version) {
      json.field("stage", model::name_of(ancestor.version->stage));
      json.field("digest", "sha256:" + ancestor.version->digest.hex());
      json.field("created_at", to_rfc3339(ancestor.version->created_at));
      json.field("created_by", ancestor.version->created_by);
    }
    write_lineage(json, ancestor.lineage);
    json.close('}');
  }
  json.close(']').close('}');
  return json_reply(json.take());
}

}  // namespace

void add_provenance_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  const std::string version = "/api/v1/models/{model}/versions/{version}";
  routes.push_back(route(desk, Method::Get, version + "/card", access::Permission::ReadRegistry, show_card));
  routes.push_back(route(desk, Method::Get, version + "/lineage", access::Permission::ReadRegistry, show_lineage));
}

}  // namespace slipway::api_admin
