#include "domain/rollout/curve.h"

#include <gtest/gtest.h>

#include <limits>

namespace slipway::rollout {
namespace {

CurvePoint at(int seconds) {
  return {WallTime(std::chrono::seconds(seconds)), {100}, 0.25 * seconds, -1.5};
}

TEST(Curve, stays_bounded_and_even_over_its_whole_time) {
  Curve curve;
  for (int i = 0; i < 100'000; i += 10) add_point(curve, at(i));
  ASSERT_LE(curve.size(), kMostPoints);
  ASSERT_GE(curve.size(), kMostPoints / 4);
  EXPECT_EQ(curve.front(), at(0));
  EXPECT_EQ(curve.back(), at(99'990));
  WallTime::duration widest{0};
  for (std::size_t i = 1; i < curve.size(); ++i) widest = std::max(widest, curve[i].at - curve[i - 1].at);
  EXPECT_LE(widest, std::chrono::seconds(2'000)) << "of 100,000";
}

TEST(Curve, knows_no_time_that_goes_back) {
  Curve curve;
  add_point(curve, at(50));
  add_point(curve, at(20));
  EXPECT_EQ(curve.size(), 1u);
}

TEST(Curve, comes_back_from_its_text) {
  const Curve curve = {at(1), at(20), {WallTime(std::chrono::hours(500'000)), {10'000}, 1e6, 0}};
  const auto read = parse_curve(text_of(curve));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, curve);
  EXPECT_EQ(parse_curve("")->size(), 0u);
}

TEST(Curve, a_text_that_is_none_is_refused) {
  for (const char* text : {"x", "1 2 3", "1 2 3 4 5", "1 -2 3 4", "1 2 3 4\n\n"}) {
    EXPECT_FALSE(parse_curve(text).ok()) << text;
  }
}

}  // namespace
}  // namespace slipway::rollout
