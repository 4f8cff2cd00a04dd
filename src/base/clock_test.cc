#include "base/clock.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;

TEST(Rfc3339, prints_utc_with_microseconds) {
  EXPECT_EQ(to_rfc3339(WallTime(microseconds(0))), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(WallTime(microseconds(1'700'000'000'000'007))), "2023-11-14T22:13:20.000007Z");
  EXPECT_EQ(to_rfc3339(WallTime(microseconds(-1))), "1969-12-31T23:59:59.999999Z");
}

TEST(ManualClock, stands_still_until_told) {
  ManualClock clock;
  const TimePoint start = clock.now();
  const WallTime wall = clock.wall_now();
  EXPECT_EQ(clock.now(), start);
  clock.advance(hours(1));
  EXPECT_EQ(clock.now() - start, Duration(hours(1)));
  EXPECT_EQ(clock.wall_now() - wall, microseconds(hours(1)));
}

TEST(Deadline, passes_at_its_moment) {
  const TimePoint now{hours(1)};
  const Deadline deadline = Deadline::after(now, hours(1));
  EXPECT_FALSE(deadline.has_passed(now + hours(1) - Duration(1)));
  EXPECT_TRUE(deadline.has_passed(now + hours(1)));
}

TEST(Deadline, of_an_endless_duration_never_passes) {
  const Deadline deadline = Deadline::after(TimePoint{hours(1)}, Duration::max());
  EXPECT_TRUE(deadline.is_never());
  EXPECT_TRUE(Deadline{}.is_never());
  EXPECT_FALSE(deadline.has_passed(TimePoint{hours(1'000'000)}));
}

}  // namespace
}  // namespace slipway
