#include "app/commands/server_signals.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

namespace slipway::app {
namespace {

class ServerSignalsTest : public testing::TestWithParam<int> {
 protected:
  ServerSignalsTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

INSTANTIATE_TEST_SUITE_P(Both, ServerSignalsTest, testing::Values(SIGINT, SIGTERM));

TEST_P(ServerSignalsTest, while_the_server_starts_end_it_at_once) {
  EXPECT_EXIT(
      {
        const ServerSignals signals;
        kill(getpid(), GetParam());
        while (true) pause();
      },
      testing::ExitedWithCode(0), "");
}

TEST_P(ServerSignalsTest, once_it_runs_are_waited_for) {
  EXPECT_EXIT(
      {
        ServerSignals signals;
        signals.started();
        kill(getpid(), GetParam());
        signals.wait();
        _exit(7);
      },
      testing::ExitedWithCode(7), "");
}

TEST_P(ServerSignalsTest, said_again_end_a_stop_that_takes_too_long) {
  EXPECT_EXIT(
      {
        ServerSignals signals;
        signals.started();
        kill(getpid(), GetParam());
        signals.wait();
        kill(getpid(), GetParam());
        while (true) pause();
      },
      testing::ExitedWithCode(130), "");
}

TEST_F(ServerSignalsTest, sigusr2_asks_a_running_server_to_hand_over_and_a_stop_ends_that) {
  EXPECT_EXIT(
      {
        ServerSignals signals;
        kill(getpid(), SIGUSR2);  // means nothing yet, and does not end the process
        signals.started();
        kill(getpid(), SIGUSR2);
        if (signals.wait() != ServerSignals::Request::HandOver) _exit(1);
        signals.not_handed_over();
        kill(getpid(), SIGUSR2);
        if (signals.wait() != ServerSignals::Request::HandOver || signals.must_stop()) _exit(2);
        kill(getpid(), SIGTERM);
        while (!signals.must_stop()) sched_yield();
        signals.not_handed_over();
        _exit(signals.wait() == ServerSignals::Request::Stop ? 7 : 3);
      },
      testing::ExitedWithCode(7), "");
}

TEST_F(ServerSignalsTest, the_listening_thread_ends_with_its_owner) {
  EXPECT_EXIT(
      {
        {
          const ServerSignals signals;
        }
        _exit(7);
      },
      testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace slipway::app
