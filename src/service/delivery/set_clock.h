// A clock for tests whose time of day is set, and whose reader is kept waiting.
#pragma once

#include "base/clock.h"

namespace slipway::delivery {

class SetClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  WallTime wall_now() const override {
    now_ += reading;
    const Duration since = now_ - kBegin + set;
    return WallTime(std::chrono::hours(24 * 365 * 50)) + std::chrono::duration_cast<std::chrono::microseconds>(since);
  }
  void advance(Duration time) { now_ += time; }

  Duration set{0};      // how far the time of day is ahead
  Duration reading{0};  // what passes while it is read

 private:
  static constexpr TimePoint kBegin{std::chrono::hours(1)};
  mutable TimePoint now_ = kBegin;
};

}  // namespace slipway::delivery
