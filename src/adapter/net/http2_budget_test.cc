#include "adapter/net/http2_budget.h"

#include <gtest/gtest.h>

namespace slipway::net {
namespace {

constexpr TimePoint kNow{};

// How many cheap frames pass before the first that does not, of at most `most`.
int passing(Http2Budget& budget, TimePoint now, int most) {
  for (int i = 0; i < most; ++i) {
    if (!budget.cheap_frame(now)) return i;
  }
  return most;
}

TEST(Http2BudgetTest, cheap_frames_alone_soon_use_it_up) {
  Http2Budget budget(kNow);
  EXPECT_EQ(passing(budget, kNow, 100'000), Http2Budget::kFull - 1);
}

TEST(Http2BudgetTest, a_peer_that_pings_with_each_request_is_let_be) {
  Http2Budget budget(kNow);
  for (int i = 0; i < 100'000; ++i) {
    budget.request();
    ASSERT_EQ(passing(budget, kNow, 10), 10);
  }
}

TEST(Http2BudgetTest, a_peer_that_pings_now_and_then_is_let_be) {
  Http2Budget budget(kNow);
  for (int second = 0; second < 1000; ++second) {
    ASSERT_EQ(passing(budget, kNow + std::chrono::seconds(second), 100), 100);
  }
}

TEST(Http2BudgetTest, a_peer_that_resets_everything_is_stopped_after_the_free_ones) {
  Http2Budget budget(kNow);
  for (std::uint32_t i = 0; i < Http2Budget::kFreeResets; ++i) ASSERT_TRUE(budget.stream_ended(true));
  EXPECT_FALSE(budget.stream_ended(true));
}

TEST(Http2BudgetTest, a_peer_that_hedges_and_cancels_two_of_five_is_let_be) {
  Http2Budget budget(kNow);
  for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(budget.stream_ended(i % 5 < 2)) << i;
}

TEST(Http2BudgetTest, good_streams_of_long_ago_do_not_excuse_resets) {
  Http2Budget budget(kNow);
  for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(budget.stream_ended(false));
  int resets = 0;
  while (resets < 100'000 && budget.stream_ended(true)) ++resets;
  EXPECT_LT(resets, 2000);
}

TEST(Http2BudgetTest, a_head_pays_for_what_its_sender_did_not_send) {
  Http2Budget budget(kNow);
  for (int i = 0; i < 10'000; ++i) {
    budget.request();
    ASSERT_TRUE(budget.head_read(40, 4096, kNow)) << "the whole table once";
    ASSERT_TRUE(budget.head_read(5'000, 32'000, kNow)) << "much, but it was sent";
  }
  int heads = 0;
  while (heads < 1000 && budget.head_read(60, 28'000, kNow)) ++heads;
  EXPECT_LT(heads, 30);
  EXPECT_TRUE(budget.cheap_frame(kNow + std::chrono::seconds(10))) << "time fills the purse";
}

}  // namespace
}  // namespace slipway::net
