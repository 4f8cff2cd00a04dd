#include "domain/batching/size_bound.h"

#include <gtest/gtest.h>

namespace slipway::batching {
namespace {

using namespace std::chrono_literals;

TEST(SizeBound, admits_nothing_that_has_not_been_seen) {
  const SizeBound bound;
  EXPECT_TRUE(bound.admits(0));
  EXPECT_FALSE(bound.admits(4));
}

TEST(SizeBound, grows_by_what_was_quick_a_few_times_at_once) {
  SizeBound bound;
  bound.observe(100, 10us);
  EXPECT_TRUE(bound.admits(400));
  EXPECT_FALSE(bound.admits(404));
  bound.observe(400, 160us);
  EXPECT_TRUE(bound.admits(1600));
  bound.observe(1600, 2560us);
  EXPECT_TRUE(bound.admits(1600));
  EXPECT_FALSE(bound.admits(1604));
}

TEST(SizeBound, shrinks_when_what_was_quick_is_slow) {
  SizeBound bound;
  bound.observe(1000, 100us);
  bound.observe(1000, 5ms);
  EXPECT_TRUE(bound.admits(1000));
  EXPECT_FALSE(bound.admits(4000));
  for (int i = 0; i < 4; ++i) bound.observe(500 >> i, 5ms);
  EXPECT_FALSE(bound.admits(1000));
}

}  // namespace
}  // namespace slipway::batching
