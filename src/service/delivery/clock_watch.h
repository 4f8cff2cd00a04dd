// ClockWatch: notices that the time of day was set, by the clock that nobody sets.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace slipway::delivery {

inline constexpr Duration kLeastJump = std::chrono::seconds(1);  // less is a clock that is being corrected
inline constexpr Duration kSettles = std::chrono::seconds(30);   // after a jump; another one begins it anew

// Owned by Delivery; one thread. Knows nothing of the time before its first look.
class ClockWatch {
 public:
  explicit ClockWatch(const Clock& clock) : clock_(clock) {}
  // Looks once. Why nothing is to be decided by the time of day yet; empty: it goes evenly.
  std::string look();
  // Whether the last look found a jump.
  bool has_jumped() const { return has_jumped_; }

 private:
  struct Moment {
    TimePoint steady;
    WallTime wall;
  };
  std::optional<Moment> read() const;

  const Clock& clock_;
  std::optional<Moment> last_;
  std::string jump_;
  TimePoint settled_at_{};
  bool has_jumped_ = false;
};

}  // namespace slipway::delivery
