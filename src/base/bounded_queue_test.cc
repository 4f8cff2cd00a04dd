#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace slipway {
namespace {

TEST(BoundedQueue, gives_values_in_their_order) {
  BoundedQueue<int> queue(3);
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(queue.try_push(int{i}));
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(queue.pop(), i);
}

TEST(BoundedQueue, refuses_when_full_and_leaves_the_value_with_the_caller) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.try_push(std::move(second)));
  ASSERT_TRUE(second);
  EXPECT_EQ(queue.size(), 1U);
}

TEST(BoundedQueue, once_closed_gives_what_it_has_and_takes_no_more) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.try_push(7));
  queue.close();
  EXPECT_FALSE(queue.try_push(8));
  EXPECT_EQ(queue.pop(), 7);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, closing_wakes_every_waiter) {
  BoundedQueue<int> queue(2);
  std::vector<std::thread> waiters;
  for (int i = 0; i < 4; ++i) {
    waiters.emplace_back([&] { EXPECT_EQ(queue.pop(), std::nullopt); });
  }
  queue.close();
  for (std::thread& waiter : waiters) waiter.join();
}

TEST(BoundedQueue, hands_every_value_to_exactly_one_thread) {
  constexpr int kValues = 4000;
  BoundedQueue<int> queue(16);
  std::vector<std::atomic<int>> seen(kValues);
  std::vector<std::thread> takers;
  for (int i = 0; i < 3; ++i) {
    takers.emplace_back([&] {
      while (const auto value = queue.pop()) ++seen[static_cast<std::size_t>(*value)];
    });
  }
  for (int i = 0; i < kValues; ++i) {
    while (!queue.try_push(int{i})) std::this_thread::yield();
  }
  queue.close();
  for (std::thread& taker : takers) taker.join();
  for (const auto& times : seen) EXPECT_EQ(times, 1);
}

}  // namespace
}  // namespace slipway
