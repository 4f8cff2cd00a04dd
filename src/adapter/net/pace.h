// Pace: whether what holds memory moves fast enough to be waited for while others need that memory.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace slipway::net {

// A value, asked about once a second.
class Pace {
 public:
  static constexpr Duration kBetween = std::chrono::seconds(1);
  static constexpr std::uint64_t kLeast = 64 << 10;  // bytes a second

  // From here on it is judged, when `moved` bytes have come or gone.
  void begin(TimePoint now, std::uint64_t moved = 0) {
    at_ = now;
    moved_ = moved;
  }
  // True: memory is short, and this has moved too little since it was last asked. `least`: a second.
  bool gives_way(bool is_short, std::uint64_t moved, TimePoint now, std::uint64_t least = kLeast) {
    if (is_short && now < at_ + kBetween) return false;
    const bool is_slow = moved < moved_ + std::max(least, kLeast);
    begin(now, moved);
    return is_short && is_slow;
  }

 private:
  TimePoint at_{};
  std::uint64_t moved_ = 0;
};

}  // namespace slipway::net
