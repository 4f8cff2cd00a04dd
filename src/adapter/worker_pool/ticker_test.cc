#include "adapter/worker_pool/ticker.h"

#include <gtest/gtest.h>

#include <semaphore>

namespace slipway::worker_pool {
namespace {

TEST(Ticker, runs_at_once_and_when_woken) {
  std::counting_semaphore<16> ran{0};
  Ticker ticker("ticker", std::chrono::hours(1), [&] { ran.release(); });
  ticker.start();
  EXPECT_TRUE(ran.try_acquire_for(std::chrono::seconds(10)));
  ticker.wake();
  EXPECT_TRUE(ran.try_acquire_for(std::chrono::seconds(10)));
}

TEST(Ticker, runs_at_its_interval_until_stopped) {
  std::counting_semaphore<1024> ran{0};
  Ticker ticker("ticker", std::chrono::milliseconds(1), [&] { ran.release(); });
  ticker.start();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(ran.try_acquire_for(std::chrono::seconds(10)));
  ticker.stop();
  while (ran.try_acquire()) {
  }
  ticker.wake();
  EXPECT_FALSE(ran.try_acquire());
}

}  // namespace
}  // namespace slipway::worker_pool
