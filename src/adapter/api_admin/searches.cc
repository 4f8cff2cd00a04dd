// /api/v1/models and /api/v1/versions: lists of what is registered, with filter, order and pages.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/views.h"
#include "domain/search/registry_fields.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

constexpr std::uint64_t kUsualPage = 100;
constexpr std::uint64_t kLongestPage = 1000;

Result<std::uint64_t> limit_of(const BlockingRequest& request) {
  const std::uint64_t limit = TRY(number_of(request, "limit", kUsualPage, kLongestPage));
  if (limit == 0) return invalid_input("?limit=: expected 1 to 1000, found 0");
  return limit;
}

Result<search::Query> query_of(const BlockingRequest& request, std::string_view of, const search::Rules& rules) {
  search::Asked asked{.filter = std::string(request.query("filter")),
                      .order_by = {},
                      .page_token = std::string(request.query("page_token")),
                      .limit = TRY(limit_of(request))};
  for (const std::string_view item : request.queries("order_by")) {
    if (!item.empty()) asked.order_by.emplace_back(item);
  }
  return search::parse_query(of, asked, rules, rules);
}

// "next": where a client goes on that lists by name alone.
Reply models_reply(const std::vector<registry::ModelSummary>& models, std::optional<std::string> next,
                   const std::string& token) {
  JsonWriter json;
  json.open('{').key("models").open('[');
  for (const registry::ModelSummary& summary : models) write_model(json, summary);
  json.close(']').key("next");
  next ? json.value(*next) : json.null();
  json.key("next_page_token");
  token.empty() ? json.null() : json.value(token);
  json.close('}');
  return json_reply(json.take());
}

Result<Reply> models_after(Desk& desk, BlockingRequest& request) {
  for (const char* other : {"filter", "order_by", "page_token"}) {
    if (!request.query(other).empty()) {
      return invalid_input("?after=: expected it without ?" + std::string(other) + "=, which goes on by ?page_token=");
    }
  }
  const std::uint64_t limit = TRY(limit_of(request));
  const auto found = TRY(desk.parts.registry.models(request.query("after"), limit, request.principal().scope.get()));
  const bool more = found.size() == limit;  // then there may be more
  return models_reply(found, more ? std::optional(found.back().record.name.text()) : std::nullopt, {});
}

Result<Reply> list_models(Desk& desk, BlockingRequest& request) {
  if (!request.query("after").empty()) return models_after(desk, request);
  const auto query = TRY(query_of(request, "models", search::kModelRules));
  const bool is_plain = query.filter.comparisons().empty() && query.order.keys().empty();
  const auto found = desk.parts.registry.search_models(query, request.principal().scope.get());
  // A list needs no search: whoever is limited to more names than one is narrowed to goes on by them, and by no token.
  const bool is_list = is_plain && request.query("page_token").empty();
  if (!found.ok() && found.error().code == ErrorCode::Denied && is_list) return models_after(desk, request);
  const auto page = TRY(found);
  const std::string token = page.next ? TRY(search::token_of(*page.next, query)) : std::string();
  return models_reply(page.rows, page.next && is_plain ? std::optional(page.next->name) : std::nullopt, token);
}

Result<Reply> list_versions(Desk& desk, BlockingRequest& request) {
  const auto query = TRY(query_of(request, "versions", search::kVersionRules));
  const auto page = TRY(desk.parts.registry.search_versions(query, request.principal().scope.get()));
  const std::string token = page.next ? TRY(search::token_of(*page.next, query)) : std::string();
  JsonWriter json;
  json.open('{').key("versions").open('[');
  for (const ports::FoundVersion& found : page.rows) write_found(json, found);
  json.close(']').key("next_page_token");
  token.empty() ? json.null() : json.value(token);
  json.close('}');
  return json_reply(json.take());
}

}  // namespace

void add_search_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  constexpr auto kRead = access::Permission::ReadRegistry;
  routes.push_back(for_limited_callers(route(desk, Method::Get, "/api/v1/models", kRead, list_models)));
  routes.push_back(for_limited_callers(route(desk, Method::Get, "/api/v1/versions", kRead, list_versions)));
}

}  // namespace slipway::api_admin
