// /api/v1/models/{model}/versions/{version}/signatures: who vouches for the bytes of a version.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/json_writer.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

void write_signature(JsonWriter& json, const registry::Registry::Signature& signature) {
  json.open('{').field("source", signature.source).field("digest", "sha256:" + signature.digest.hex());
  json.field("state", governance::name_of(signature.finding.state)).key("keys").open('[');
  for (const std::string& key : signature.finding.keys) json.value(key);
  json.close(']').field("detail", signature.finding.detail);
  json.field("attached_by", signature.attached_by).field("at", to_rfc3339(signature.at)).close('}');
}

Result<Reply> list(Desk& desk, BlockingRequest& request) {
  const auto found = TRY(desk.parts.registry.signatures(TRY(model_of(request)), TRY(version_of(request))));
  JsonWriter json;
  json.open('{').key("signatures").open('[');
  for (const auto& signature : found) write_signature(json, signature);
  json.close(']').close('}');
  return json_reply(json.take());
}

// The body is the signature's file as it is.
Result<Reply> attach(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  const std::string bundle = TRY(request.read_all(governance::kLongestBundle));
  const auto made = TRY(desk.parts.registry.attach_signature(name, number, bundle, TRY(author_of(request))));
  JsonWriter json;
  write_signature(json, made);
  return json_reply(json.take(), 201);
}

}  // namespace

void add_signature_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string signatures = "/api/v1/models/{model}/versions/{version}/signatures";
  routes.push_back(route(desk, Method::Get, signatures, Permission::ReadRegistry, list));
  routes.push_back(
      route(desk, Method::Post, signatures, Permission::WriteRegistry, attach, governance::kLongestBundle));
}

}  // namespace slipway::api_admin
