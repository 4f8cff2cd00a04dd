#include "service/delivery/clock_watch.h"

#include <gmock/gmock.h>

#include "service/delivery/set_clock.h"

namespace slipway::delivery {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::StartsWith;

class ClockWatchTest : public testing::Test {
 protected:
  std::string looked_after(Duration time) {
    clock_.advance(time);
    return watch_.look();
  }
  SetClock clock_;
  ClockWatch watch_{clock_};
};

TEST_F(ClockWatchTest, says_nothing_while_the_clock_goes_evenly) {
  for (const Duration each : {0ns, Duration(50ms), Duration(10min), Duration(30h)}) {
    EXPECT_THAT(looked_after(each), IsEmpty());
    EXPECT_FALSE(watch_.has_jumped());
  }
}

TEST_F(ClockWatchTest, says_how_far_the_clock_was_set_until_it_went_evenly_for_a_while) {
  EXPECT_THAT(looked_after(0s), IsEmpty());
  clock_.set = 1h;
  EXPECT_THAT(looked_after(50ms), StartsWith("the clock was set forward by 3600s to 20"));
  EXPECT_TRUE(watch_.has_jumped());
  EXPECT_THAT(looked_after(20s), testing::EndsWith("nothing goes on until it has gone evenly for 10s more"));
  EXPECT_FALSE(watch_.has_jumped());
  EXPECT_THAT(looked_after(10s), IsEmpty());
  clock_.set = -23h;
  EXPECT_THAT(looked_after(1s), StartsWith("the clock was set back by 86400s to 20"));
}

TEST_F(ClockWatchTest, a_jump_after_a_jump_begins_the_wait_anew) {
  watch_.look();
  clock_.set = 10s;
  EXPECT_THAT(looked_after(1s), StartsWith("the clock was set forward by 10s"));
  clock_.set = 0s;
  EXPECT_THAT(looked_after(29s), StartsWith("the clock was set back by 10s"));
  EXPECT_THAT(looked_after(29s), testing::Not(IsEmpty()));
  EXPECT_THAT(looked_after(1s), IsEmpty());
}

TEST_F(ClockWatchTest, a_clock_that_is_being_corrected_is_no_jump) {
  watch_.look();
  for (int i = 0; i < 100; ++i) {
    clock_.set += 900ms;
    EXPECT_THAT(looked_after(50ms), IsEmpty());
  }
}

TEST_F(ClockWatchTest, a_thread_that_is_kept_waiting_sees_no_jump) {
  watch_.look();
  clock_.reading = 5s;
  EXPECT_THAT(looked_after(50ms), IsEmpty());
  clock_.reading = 0s;
  EXPECT_THAT(looked_after(50ms), IsEmpty());
}

}  // namespace
}  // namespace slipway::delivery
