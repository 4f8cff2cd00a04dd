#include "adapter/store_postgres/connector.h"

#include <thread>

namespace slipway::store_postgres {
namespace {

constexpr Duration kBetweenAttempts = std::chrono::milliseconds(50);

}  // namespace

// The server itself ends a statement after its timeout: what takes longer is no answer of a server that works.
Connector::Connector(Target target) : target_(std::move(target)), watch_(target_.settings.statement_timeout / 2 * 3) {}

Result<std::unique_ptr<Session>> Connector::open() {
  while (true) {
    auto session = Session::open(target_, watch_);
    if (session.ok()) {
      gone_since_.lock()->reset();
      return session;
    }
    if (session.error().code != ErrorCode::Unavailable || is_patience_over()) return session;
    std::this_thread::sleep_for(kBetweenAttempts);
  }
}

bool Connector::is_patience_over() {
  const TimePoint now = SystemClock().now();
  auto since = gone_since_.lock();
  if (!since->has_value()) *since = now;
  return now - **since >= target_.settings.patience;
}

}  // namespace slipway::store_postgres
