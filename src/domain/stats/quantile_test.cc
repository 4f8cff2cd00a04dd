#include "domain/stats/quantile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "domain/stats/random.h"

namespace slipway::stats {
namespace {

TEST(Quantile, the_p99_needs_so_many_values_to_be_bounded) {
  EXPECT_EQ(values_to_bound(0.99, 0.95).value(), 368U);
  EXPECT_EQ(values_to_bound(0.5, 0.95).value(), 6U);
  for (const std::uint64_t n : {367U, 368U}) {
    std::vector<double> values(n);
    std::iota(values.begin(), values.end(), 1.0);
    EXPECT_EQ(std::isinf(quantile_interval(values, 0.99, 0.95)->high), n == 367) << n;
  }
}

TEST(Quantile, the_interval_covers_at_least_as_often_as_stated) {
  Xoshiro256 random(9);
  for (const double q : {0.5, 0.9, 0.95}) {
    int covered = 0;
    for (int sample = 0; sample < 2'000; ++sample) {
      std::vector<double> values(100);
      for (double& value : values) value = random.unit();
      covered += quantile_interval(values, q, 0.9)->contains(q) ? 1 : 0;
    }
    EXPECT_GE(covered, 2'000 * 0.9 - 3 * std::sqrt(2'000 * 0.09)) << q;
  }
}

TEST(Quantile, of_one_value_is_that_value) {
  const std::vector<double> one{3};
  for (const double q : {0.0, 0.3, 1.0}) EXPECT_EQ(quantile(one, q).value(), 3);
  const Interval interval = quantile_interval(one, 0.5, 0.95).value();
  EXPECT_TRUE(std::isinf(interval.low) && std::isinf(interval.high));
}

}  // namespace
}  // namespace slipway::stats
