#include "app/commands/stop_signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace slipway::app {
namespace {

class StopSignalsTest : public testing::TestWithParam<int> {
 protected:
  StopSignalsTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

INSTANTIATE_TEST_SUITE_P(Both, StopSignalsTest, testing::Values(SIGINT, SIGTERM));

TEST_P(StopSignalsTest, while_the_server_starts_end_it_at_once) {
  EXPECT_EXIT(
      {
        const StopSignals signals;
        kill(getpid(), GetParam());
        while (true) pause();
      },
      testing::ExitedWithCode(0), "");
}

TEST_P(StopSignalsTest, once_it_runs_are_waited_for) {
  EXPECT_EXIT(
      {
        StopSignals signals;
        signals.started();
        kill(getpid(), GetParam());
        signals.wait();
        _exit(7);
      },
      testing::ExitedWithCode(7), "");
}

TEST_P(StopSignalsTest, said_again_end_a_stop_that_takes_too_long) {
  EXPECT_EXIT(
      {
        StopSignals signals;
        signals.started();
        kill(getpid(), GetParam());
        signals.wait();
        kill(getpid(), GetParam());
        while (true) pause();
      },
      testing::ExitedWithCode(130), "");
}

TEST_F(StopSignalsTest, the_listening_thread_ends_with_its_owner) {
  EXPECT_EXIT(
      {
        {
          const StopSignals signals;
        }
        _exit(7);
      },
      testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace slipway::app
