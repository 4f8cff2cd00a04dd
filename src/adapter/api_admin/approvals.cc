// /api/v1/models/{model}/versions/{version}/approvals: people's word for a version, and whether it is enough.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/json_writer.h"
#include "base/text.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

constexpr std::uint64_t kLongestLifetime = 10ULL * 366 * 24 * 3600;  // seconds
constexpr std::uint64_t kLongestOverride = 24ULL * 3600;
constexpr std::uint64_t kUsualOverride = 3600;

void write_approval(JsonWriter& json, const ports::ApprovalRecord& approval) {
  json.open('{').field("id", approval.id).field("model", approval.model.text()).field("version", approval.version);
  json.field("digest", "sha256:" + approval.version_digest.hex()).field("environment", approval.environment);
  json.key("evidence");
  approval.evidence == Digest{} ? json.null() : json.value("sha256:" + approval.evidence.hex());
  json.field("principal", approval.principal).field("at", to_rfc3339(approval.at)).key("expires_at");
  approval.expires_at ? json.value(to_rfc3339(*approval.expires_at)) : json.null();
  json.field("reason", approval.reason).field("revoked", approval.revoked).field("overrides", approval.overrides);
  json.close('}');
}

std::string_view name_of(governance::Entry entry) {
  switch (entry) {
    case governance::Entry::Free:
      return "free";
    case governance::Entry::Approved:
      return "approved";
    case governance::Entry::Overridden:
      return "overridden";
  }
  return "free";
}

Result<Reply> list(Desk& desk, BlockingRequest& request) {
  const auto found = TRY(desk.parts.registry.approvals(TRY(model_of(request)), TRY(version_of(request))));
  JsonWriter json;
  json.open('{').key("approvals").open('[');
  for (const ports::ApprovalRecord& approval : found.given) write_approval(json, approval);
  json.close(']').key("environments").open('[');
  for (const auto& standing : found.standings) {
    json.open('{').field("environment", standing.environment);
    json.field("entry", standing.entry.ok() ? name_of(*standing.entry) : "forbidden");
    json.field("why", standing.entry.ok() ? std::string() : standing.entry.error().message).close('}');
  }
  json.close(']').close('}');
  return json_reply(json.take());
}

Result<std::optional<Duration>> lifetime_of(const JsonFields& fields, std::uint64_t most) {
  const auto seconds = TRY(fields.number("expires_in_seconds"));
  if (!seconds) return std::optional<Duration>();
  if (*seconds == 0 || *seconds > most) {
    return invalid_input("expires_in_seconds: expected 1 to " + std::to_string(most) + ", found " +
                         std::to_string(*seconds));
  }
  return std::optional<Duration>(std::chrono::seconds(*seconds));
}

Result<std::string> environment_in(const Desk& desk, const JsonFields& fields) {
  auto said = TRY(fields.text("environment", 64));
  if (!said) return desk.parts.environment;
  return model::parse_environment(*said);
}

Reply approval_reply(const ports::ApprovalRecord& approval) {
  JsonWriter json;
  write_approval(json, approval);
  return json_reply(json.take(), 201);
}

Result<Reply> approve(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  const auto fields = TRY(fields_of(request, {"environment", "expires_in_seconds", "reason"}));
  const auto environment = TRY(environment_in(desk, fields));
  const auto lifetime = TRY(lifetime_of(fields, kLongestLifetime));
  const auto author = TRY(author_of(request, &fields));
  return approval_reply(TRY(desk.parts.registry.approve(name, number, environment, lifetime, author)));
}

Result<Reply> override_policies(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  const auto fields = TRY(fields_of(request, {"environment", "expires_in_seconds", "reason"}));
  const auto environment = TRY(environment_in(desk, fields));
  const auto lifetime = TRY(lifetime_of(fields, kLongestOverride)).value_or(std::chrono::seconds(kUsualOverride));
  const auto author = TRY(author_of(request, &fields));
  return approval_reply(TRY(desk.parts.registry.override_policies(name, number, environment, lifetime, author)));
}

Result<Reply> revoke(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  TRY(desk.parts.registry.revoke_approval(name, number, request.parameter(2), TRY(author_of(request))));
  return no_content();
}

}  // namespace

void add_approval_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string version = "/api/v1/models/{model}/versions/{version}";
  const std::string approvals = version + "/approvals";
  routes.push_back(route(desk, Method::Get, approvals, Permission::ReadRegistry, list));
  routes.push_back(route(desk, Method::Post, approvals, Permission::Approve, approve));
  routes.push_back(route(desk, Method::Delete, approvals + "/{approval}", Permission::Approve, revoke));
  routes.push_back(route(desk, Method::Post, version + "/override", Permission::Override, override_policies));
}

}  // namespace slipway::api_admin
