// Event: one line of the registry's append-only history.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace slipway::model {

// Who changed what, when, from what, to what, and why. `sequence` is given by the store, from 1, without gaps.
struct Event {
  std::uint64_t sequence = 0;
  WallTime at{};
  std::string actor;    // the principal's name
  std::string action;   // "push", "validate", "reject", "alias", "deploy", "rollback", "undeploy", "retire", "delete",
                        // "token", ...
  std::string model;    // empty for changes that concern none
  std::string subject;  // what moved: "production", "version 3", "alias champion"
  std::string from;     // as text; empty: it did not exist
  std::string to;       // as text; empty: it is gone
  std::string reason;
  bool operator==(const Event&) const = default;
};

}  // namespace slipway::model
