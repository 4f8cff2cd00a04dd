#include "domain/stats/random.h"

#include <gtest/gtest.h>

#include <vector>

namespace slipway::stats {
namespace {

// The first values of the published C code, its state filled by SplitMix64 from 0.
TEST(Xoshiro256, gives_the_published_sequence) {
  Xoshiro256 zero(0);
  EXPECT_EQ(zero.next(), 0x99ec5f36cb75f2b4U);
  EXPECT_EQ(zero.next(), 0xbf6e1f784956452aU);
  EXPECT_EQ(zero.next(), 0x1a5f849d4933e6e0U);
}

TEST(Xoshiro256, the_same_seed_gives_the_same_numbers_and_another_seed_others) {
  Xoshiro256 first(7), second(7), other(8);
  EXPECT_EQ(first.next(), second.next());
  EXPECT_NE(first.next(), other.next());
}

TEST(Xoshiro256, numbers_below_a_bound_reach_all_of_them_evenly) {
  Xoshiro256 random(1);
  std::vector<int> seen(7);
  for (int i = 0; i < 70'000; ++i) ++seen.at(random.below(7));
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 400);
}

TEST(Xoshiro256, a_bound_of_one_gives_zero_and_units_stay_below_one) {
  Xoshiro256 random(3);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_EQ(random.below(1), 0U);
    const double unit = random.unit();
    EXPECT_GE(unit, 0);
    EXPECT_LT(unit, 1);
  }
}

}  // namespace
}  // namespace slipway::stats
