// /api/v1/tokens: who may call, and /api/v1/status: how this server is.
#include <algorithm>

#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/views.h"
#include "base/text.h"
#include "domain/access/scope.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

constexpr std::uint64_t kLongestLifetime = 10ULL * 366 * 24 * 3600;  // seconds

Result<Reply> list_tokens(Desk& desk, BlockingRequest&) {
  JsonWriter json;
  json.open('{').key("tokens").open('[');
  for (const ports::TokenRecord& token : TRY(desk.parts.registry.tokens())) {
    json.open('{');
    write_token(json, token);
    json.close('}');
  }
  json.close(']').close('}');
  return json_reply(json.take());
}

Result<access::Role> read_role(const JsonFields& fields) {
  const auto text = TRY(fields.text("role", 64));
  const auto role = access::parse_role(text.value_or(""));
  if (role) return *role;
  return invalid_input("role: expected viewer, predictor, operator, approver or admin, found " +
                       (text ? "\"" + printable(*text) + "\"" : "none"));
}

// "models", "verbs" and "environments": what the token is limited to beyond its role.
Result<access::Scope> read_scope(const JsonFields& fields) {
  constexpr std::size_t kLongest = 255, kMost = 64;
  access::Scope scope;
  for (const std::string& text : TRY(fields.words("models", kLongest, kMost))) {
    auto pattern = access::NamePattern::parse(text);
    if (!pattern.ok()) return std::move(pattern).error().within("models");
    scope.models.push_back(*std::move(pattern));
  }
  for (const std::string& verb : TRY(fields.words("verbs", kLongest, kMost))) {
    auto granted = access::parse_verb(verb);
    if (!granted.ok()) return std::move(granted).error().within("verbs");
    for (const access::Permission permission : *granted) {
      if (std::ranges::find(scope.permissions, permission) == scope.permissions.end()) {
        scope.permissions.push_back(permission);
      }
    }
  }
  for (const std::string& text : TRY(fields.words("environments", kLongest, kMost))) {
    auto environment = model::parse_environment(text);
    if (!environment.ok()) return std::move(environment).error().within("environments");
    scope.environments.push_back(*std::move(environment));
  }
  return scope;
}

Result<Reply> create_token(Desk& desk, BlockingRequest& request) {
  const auto fields =
      TRY(fields_of(request, {"name", "role", "expires_in_seconds", "models", "verbs", "environments", "reason"}));
  const auto name = TRY(fields.text("name", 255));
  if (!name || name->empty()) return invalid_input("name: expected who the token is for, found none");
  const auto role = TRY(read_role(fields));
  std::optional<Duration> lifetime;
  if (const auto asked = TRY(fields.number("expires_in_seconds"))) {
    if (*asked == 0 || *asked > kLongestLifetime) {
      return invalid_input("expires_in_seconds: expected 1 to " + std::to_string(kLongestLifetime) + ", found " +
                           std::to_string(*asked));
    }
    lifetime = std::chrono::seconds(*asked);
  }
  auto scope = TRY(read_scope(fields));
  const auto author = TRY(author_of(request, &fields));
  const auto created = TRY(desk.parts.registry.create_token(*name, role, lifetime, author, std::move(scope)));
  JsonWriter json;
  json.open('{');
  write_token(json, created.record);
  json.field("secret", created.secret).close('}');
  auto reply = json_reply(json.take(), 201);
  reply.headers.emplace_back("Cache-Control", "no-store");
  return reply;
}

Result<Reply> revoke_token(Desk& desk, BlockingRequest& request) {
  TRY(desk.parts.registry.revoke_token(request.parameter(0), TRY(author_of(request))));
  return no_content();
}

Result<Reply> status(Desk& desk, BlockingRequest&) {
  const AdminParts& parts = desk.parts;
  const auto up = std::max(parts.clock.wall_now() - desk.started_at, WallTime::duration(0));
  JsonWriter json;
  json.open('{').field("version", parts.version).field("environment", parts.environment);
  json.field("ready", parts.predictor.is_ready()).field("started_at", to_rfc3339(desk.started_at));
  json.field("uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(up).count());
  json.field("log_lines_dropped", parts.log.dropped());
  json.key("models").open('[');
  for (const ports::ServedState& state : parts.predictor.index()) write_state(json, state);
  json.close(']').close('}');
  return json_reply(json.take());
}

}  // namespace

void add_token_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string tokens = "/api/v1/tokens";
  routes.push_back(route(desk, Method::Get, tokens, Permission::ManageTokens, list_tokens));
  routes.push_back(route(desk, Method::Post, tokens, Permission::ManageTokens, create_token));
  routes.push_back(route(desk, Method::Delete, tokens + "/{token}", Permission::ManageTokens, revoke_token));
}

void add_status_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  routes.push_back(route(desk, Method::Get, "/api/v1/status", access::Permission::ReadRegistry, status));
}

}  // namespace slipway::api_admin
