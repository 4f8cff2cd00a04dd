#include "domain/model/assignment.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace slipway::model {
namespace {

TEST(Assignment, is_the_same_for_the_same_unit_and_differs_between_models) {
  const std::uint64_t first = assignment_salt("production", "fraud");
  const std::uint64_t second = assignment_salt("production", "churn");
  EXPECT_EQ(bucket_of(first, "customer-17"), bucket_of(first, "customer-17"));
  int equal = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string unit = "customer-" + std::to_string(i);
    if (bucket_of(first, unit) / 5000 == bucket_of(second, unit) / 5000) ++equal;
  }
  EXPECT_NEAR(equal, 500, 80);  // 5 standard deviations
}

TEST(Assignment, spreads_units_evenly) {
  const std::uint64_t salt = assignment_salt("production", "fraud");
  std::array<int, 10> tenths{};
  for (int i = 0; i < 100'000; ++i) ++tenths[bucket_of(salt, std::to_string(i)) / 1000];
  for (const int count : tenths) EXPECT_NEAR(count, 10'000, 500);  // 5 standard deviations
}

TEST(Assignment, never_leaves_the_range) {
  EXPECT_EQ(bucket_of(0), 0U);
  EXPECT_EQ(bucket_of(~std::uint64_t{0}), 9'999U);
}

}  // namespace
}  // namespace slipway::model
