#include "app/changes.h"

#include <algorithm>
#include <utility>

#include "adapter/net/grpc_call.h"

namespace slipway::app {
namespace {

// Deny by default: a permission that is not known to read is one that changes.
bool only_reads(access::Permission permission) {
  switch (permission) {
    case access::Permission::Public:
    case access::Permission::Predict:
    case access::Permission::ReadMetadata:
    case access::Permission::ReadMetrics:
    case access::Permission::ReadRegistry:
      return true;
    case access::Permission::WriteRegistry:
    case access::Permission::Deploy:
    case access::Permission::ManageTokens:
    case access::Permission::ManageServer:
    case access::Permission::Approve:
    case access::Permission::Override:
      return false;
  }
  return false;
}

Error is_handing_over() {
  return unavailable("the server is handing over to a new process, which will take changes in a moment: try again");
}

}  // namespace

std::vector<net::Route> Changes::guard(std::vector<net::Route> routes) {
  for (net::Route& route : routes) {
    // What is answered on a loop touches nothing on disk.
    if (only_reads(route.permission) || !route.is_blocking()) continue;
    route.handler = net::BlockingHandler(
        [this, inner = std::get<net::BlockingHandler>(route.handler)](net::BlockingRequest& request) {
          const auto turn = asked_.enter();
          return turn ? inner(request) : net::refusal(request, is_handing_over());
        });
  }
  return routes;
}

void Changes::as_asked(const ports::Task& task) {
  if (const auto turn = asked_.enter()) task();
}

void Changes::of_our_own(const ports::Task& task) {
  if (const auto turn = own_.enter()) task();
}

bool Changes::pause(Duration allowed) {
  allowed = std::min<Duration>(allowed, std::chrono::hours(24));
  if (!asked_.close(allowed)) return false;
  if (own_.close(allowed)) return true;
  asked_.open();
  return false;
}

void Changes::resume() {
  own_.open();
  asked_.open();
}

}  // namespace slipway::app
