// HeavySlot: pushes and verifications hold a worker thread for long, so only some of them run at once.
#pragma once

#include "adapter/api_admin/answer.h"

namespace slipway::api_admin {

inline constexpr int kHeavyAtOnce = 2;

// Lives on the handler's stack. Any thread.
class HeavySlot {
 public:
  explicit HeavySlot(Desk& desk) : desk_(&desk), taken_(desk.heavy.fetch_add(1) < kHeavyAtOnce) {}
  ~HeavySlot() { desk_->heavy.fetch_sub(1); }
  HeavySlot(const HeavySlot&) = delete;
  HeavySlot& operator=(const HeavySlot&) = delete;

  bool taken() const { return taken_; }

 private:
  Desk* desk_;
  bool taken_;
};

// What the request that found no slot is told: 429 with Retry-After.
inline net::Reply busy() {
  return net::error_reply(
      overloaded("expected at most " + std::to_string(kHeavyAtOnce) +
                 " pushes and verifications at once, found as many running: try again in a moment"));
}

}  // namespace slipway::api_admin
