// /api/v1/audit: the whole history as it is chained, and the heads that were signed, for whoever checks them.
#include "adapter/api_admin/answer.h"
#include "domain/governance/audit_line.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

constexpr std::uint64_t kLongestPage = 1000;

struct Page {
  std::uint64_t after, limit;
};

Result<Page> page_of(const BlockingRequest& request) {
  const std::uint64_t after = TRY(number_of(request, "after", 0, ~std::uint64_t{0}));
  const std::uint64_t limit = TRY(number_of(request, "limit", kLongestPage, kLongestPage));
  if (limit == 0) return invalid_input("?limit=: expected 1 to 1000, found 0");
  return Page{after, limit};
}

template <class Rows>
Reply lines_of(const Rows& rows) {
  std::string body;
  for (const auto& row : rows) body += governance::line_of(row) + "\n";
  return {200, "application/jsonl", std::move(body), {}};
}

Result<Reply> events(Desk& desk, BlockingRequest& request) {
  const Page page = TRY(page_of(request));
  return lines_of(TRY(desk.parts.registry.trail(page.after, page.limit)));
}

Result<Reply> heads(Desk& desk, BlockingRequest& request) {
  const Page page = TRY(page_of(request));
  return lines_of(TRY(desk.parts.registry.heads(page.after, page.limit)));
}

}  // namespace

void add_audit_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  routes.push_back(route(desk, Method::Get, "/api/v1/audit", Permission::ReadRegistry, events));
  routes.push_back(route(desk, Method::Get, "/api/v1/audit/heads", Permission::ReadRegistry, heads));
}

}  // namespace slipway::api_admin
