#include "base/guarded.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <string>
#include <thread>
#include <vector>

namespace slipway {
namespace {

TEST(Guarded, is_made_from_what_its_value_is_made_from) {
  const Guarded<std::string> text(3, 'x');
  EXPECT_EQ(*text.lock(), "xxx");
  EXPECT_EQ(text.lock()->size(), 3U);
}

TEST(Guarded, loses_no_change_of_many_threads) {
  Guarded<int> counter(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10'000; ++round) ++*counter.lock();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*counter.lock(), 40'000);
}

TEST(Guarded, can_be_waited_on) {
  Guarded<bool> ready(false);
  std::condition_variable changed;
  std::thread other([&] {
    *ready.lock() = true;
    changed.notify_all();
  });
  auto locked = ready.lock();
  changed.wait(locked.lock(), [&] { return *locked; });
  EXPECT_TRUE(*locked);
  other.join();
}

}  // namespace
}  // namespace slipway
