#include "adapter/worker_pool/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <latch>
#include <stdexcept>

namespace slipway::worker_pool {
namespace {

class WorkerPoolTest : public testing::Test {
 protected:
  Log log_{{.level = LogLevel::Off}};
};

TEST_F(WorkerPoolTest, a_full_queue_refuses_and_accepted_tasks_all_run) {
  std::atomic<int> ran = 0;
  std::latch started(1), go(1);
  {
    WorkerPool pool({.threads = 1, .queue = 2}, "pool", log_);
    ASSERT_TRUE(pool.submit([&] {
      started.count_down();
      go.wait();
      ++ran;
    }));
    started.wait();
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_FALSE(pool.submit([&] { ++ran; }));
    go.count_down();
  }
  EXPECT_EQ(ran, 3);
}

TEST_F(WorkerPoolTest, a_task_that_throws_does_not_end_its_thread) {
  std::atomic<bool> ran = false;
  {
    WorkerPool pool({.threads = 1, .queue = 8}, "pool", log_);
    EXPECT_TRUE(pool.submit([] { throw std::runtime_error("broken"); }));
    EXPECT_TRUE(pool.submit([] { throw 7; }));
    EXPECT_TRUE(pool.submit([&] { ran = true; }));
  }
  EXPECT_TRUE(ran);
}

TEST_F(WorkerPoolTest, a_closed_pool_refuses) {
  WorkerPool pool({}, "pool", log_);
  pool.close();
  EXPECT_FALSE(pool.submit([] {}));
}

TEST_F(WorkerPoolTest, threads_carry_the_name_of_their_pool) {
  std::string name(16, '\0');
  {
    WorkerPool pool({.threads = 1}, "probe", log_);
    EXPECT_TRUE(pool.submit([&] { pthread_getname_np(pthread_self(), name.data(), name.size()); }));
  }
  EXPECT_STREQ(name.c_str(), "probe-0");
}

}  // namespace
}  // namespace slipway::worker_pool
