#include "base/turnstile.h"

#include <gtest/gtest.h>

#include <thread>

namespace slipway {
namespace {

constexpr Duration kPatience = std::chrono::seconds(30);

TEST(Turnstile, lets_many_through_while_it_is_open) {
  Turnstile turnstile;
  const auto first = turnstile.enter();
  const auto second = turnstile.enter();
  EXPECT_TRUE(first && second);
}

TEST(Turnstile, lets_nobody_through_once_it_is_closed) {
  Turnstile turnstile;
  ASSERT_TRUE(turnstile.close(kPatience));
  EXPECT_FALSE(turnstile.enter());
  turnstile.open();
  EXPECT_TRUE(turnstile.enter());
}

TEST(Turnstile, is_open_again_when_those_inside_stay_too_long) {
  Turnstile turnstile;
  const auto stays = turnstile.enter();
  EXPECT_FALSE(turnstile.close(Duration{1}));
  EXPECT_TRUE(turnstile.enter());
}

TEST(Turnstile, waits_for_those_inside) {
  Turnstile turnstile;
  bool has_left = false;
  auto turn = turnstile.enter();
  std::thread inside([&, held = std::move(turn)]() mutable {
    while (turnstile.enter()) std::this_thread::yield();  // until it is being closed
    has_left = true;
    held.reset();
  });
  EXPECT_TRUE(turnstile.close(kPatience));
  EXPECT_TRUE(has_left);
  inside.join();
}

}  // namespace
}  // namespace slipway
