// Connector: opens sessions, with patience for a database that has just gone.
#pragma once

#include <memory>
#include <optional>

#include "adapter/store_postgres/session.h"
#include "base/guarded.h"

namespace slipway::store_postgres {

// Any thread. While the database is away, callers wait for it until `patience` has passed since it went; from then on
// each makes one attempt and fails at once, so that nobody's thread is held up by a database that stays away.
class Connector {
 public:
  explicit Connector(Target target);

  Result<std::unique_ptr<Session>> open();  // blocks
  const Target& target() const { return target_; }

 private:
  bool is_patience_over();

  const Target target_;
  SessionWatch watch_;
  Guarded<std::optional<TimePoint>> gone_since_;
};

}  // namespace slipway::store_postgres
