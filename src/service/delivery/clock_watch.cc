#include "service/delivery/clock_watch.h"

namespace slipway::delivery {
namespace {

constexpr int kTries = 3;
constexpr Duration kLongestReading = std::chrono::milliseconds(50);

}  // namespace

// Both clocks at one moment; none: this thread was kept waiting between the two, again and again.
std::optional<ClockWatch::Moment> ClockWatch::read() const {
  for (int i = 0; i < kTries; ++i) {
    const TimePoint before = clock_.now();
    const WallTime wall = clock_.wall_now();
    if (clock_.now() - before <= kLongestReading) return Moment{before, wall};
  }
  return std::nullopt;
}

std::string ClockWatch::look() {
  has_jumped_ = false;
  const auto now = read();
  if (now && last_) {
    const Duration jump = (now->wall - last_->wall) - (now->steady - last_->steady);
    if (jump >= kLeastJump || jump <= -kLeastJump) {
      has_jumped_ = true;
      const bool is_forward = jump > Duration{0};
      jump_ = std::string("the clock was set ") + (is_forward ? "forward" : "back") + " by " +
              to_string(std::chrono::round<std::chrono::seconds>(is_forward ? jump : -jump)) + " to " +
              to_rfc3339(now->wall);
      settled_at_ = now->steady + kSettles;
    }
  }
  if (now) last_ = now;
  if (jump_.empty()) return {};
  const Duration left = settled_at_ - clock_.now();
  if (left > Duration{0}) {
    return jump_ + ": nothing goes on until it has gone evenly for " +
           to_string(std::chrono::ceil<std::chrono::seconds>(left)) + " more";
  }
  jump_.clear();
  return {};
}

}  // namespace slipway::delivery
