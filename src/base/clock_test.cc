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

TEST(Duration, texts_with_a_unit_are_read) {
  using std::chrono::milliseconds;
  const std::pair<std::string_view, Duration> rows[] = {
      {"250ms", milliseconds(250)},
      {"1s", milliseconds(1000)},
      {"1.5s", milliseconds(1500)},
      {"2m", milliseconds(120000)},
      {"1h", milliseconds(3600000)},
      {"500us", Duration(500'000)},
      {"20ns", Duration(20)},
      {"0s", Duration(0)},
      {"9223372036854775807ns", Duration::max()},
      {"1d", hours(24)},
      {"0.5d", hours(12)},
      {"106751d", hours(24 * 106751)},
  };
  for (const auto& [text, expected] : rows) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Duration, anything_else_is_refused) {
  for (const std::string_view text :
       {"", "1", "s", "-1s", "1 s", "1D", "1w", "1e3s", "1..5s", ".", "9223372036855s", "106752d", "nans", "1S"}) {
    EXPECT_FALSE(parse_duration(text).ok()) << text;
  }
}

TEST(Duration, what_is_written_reads_back) {
  for (const std::int64_t count : {0LL, 1LL, 999LL, 1000LL, 1'500'000LL, 60'000'000'000LL, 1'774'531'553LL}) {
    EXPECT_EQ(*parse_duration(to_string(Duration(count))), Duration(count));
  }
  EXPECT_EQ(to_string(Duration(1'500'000'000)), "1500ms");
}

}  // namespace
}  // namespace slipway
