// Clock: where time comes from. Passed to constructors, so that tests decide what time it is.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;  // monotonic: deadlines, latency
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;  // records, for people

// Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall_now() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall_now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

// A clock that stands still until told otherwise; for tests and simulations. One thread.
class ManualClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  WallTime wall_now() const override { return wall_; }
  void advance(Duration by) {
    now_ += by;
    wall_ += std::chrono::duration_cast<std::chrono::microseconds>(by);
  }

 private:
  TimePoint now_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::hours(24 * 365 * 50)};
};

// "250ms", "1s", "1.5s", "2m", "1h", "30d" (of 24 hours), "500us", "20ns"; InvalidInput names the text and the forms.
Result<Duration> parse_duration(std::string_view text);
// In the largest unit up to seconds that divides it: "1500ms", "60s".
std::string to_string(Duration duration);

// RFC 3339 in UTC with microseconds: "2026-11-21T10:00:00.000000Z".
std::string to_rfc3339(WallTime time);

// The moment after which an answer is worthless; default: never.
struct Deadline {
  TimePoint at = TimePoint::max();
  bool has_passed(TimePoint now) const { return now >= at; }
  bool is_never() const { return at == TimePoint::max(); }
  static Deadline after(TimePoint now, Duration allowed) {
    return allowed >= TimePoint::max() - now ? Deadline{} : Deadline{now + allowed};
  }
};

}  // namespace slipway
