#include "domain/model/assignment.h"

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace slipway::model {
namespace {

const std::uint64_t kFraud = assignment_salt("production", "fraud");
const std::uint64_t kStanding = experiment_salt("");

std::uint32_t bucket(std::string_view key, std::uint64_t experiment = kStanding) {
  return bucket_of(unit_of(kFraud, key), experiment);
}

// Of `count` units with sequential names.
template <class Told>
void for_each_unit(int count, Told told) {
  std::array<char, 16> text{};
  for (int i = 0; i < count; ++i) {
    const auto end = std::to_chars(text.data(), text.data() + text.size(), i).ptr;
    told(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
  }
}

TEST(Assignment, is_the_same_on_every_machine_and_in_every_release) {
  EXPECT_EQ(unit_of(kFraud, "customer-17"), 18200860993358230249U);
  EXPECT_EQ(bucket("customer-17"), 9797U);
  EXPECT_EQ(bucket("customer-17", experiment_salt("canary of version 8")), 5222U);
}

TEST(Assignment, spreads_sequential_units_evenly) {
  constexpr int kUnits = 10'000'000, kCells = 1000;
  std::array<int, kCells> cells{};
  for_each_unit(kUnits, [&](std::string_view key) { ++cells[bucket(key) / (10'000 / kCells)]; });
  double chi_square = 0;
  for (const int count : cells) {
    const double expected = static_cast<double>(kUnits) / kCells;
    chi_square += (count - expected) * (count - expected) / expected;
  }
  // 999 degrees of freedom: mean 999, standard deviation 44.7; 5 of them to either side.
  EXPECT_GT(chi_square, 999 - 224);
  EXPECT_LT(chi_square, 999 + 224);
}

// p-values of the independence of two experiments' halves are uniform: their distance from it (Kolmogorov) stays below
// 1.95 / sqrt(n), which one seed in a thousand would pass.
TEST(Assignment, is_independent_between_experiments) {
  constexpr int kPairs = 1000, kUnits = 2000;
  std::vector<std::uint64_t> units;
  for_each_unit(kUnits, [&](std::string_view key) { units.push_back(unit_of(kFraud, key)); });
  std::vector<double> p_values;
  for (int pair = 0; pair < kPairs; ++pair) {
    const std::uint64_t first = experiment_salt("a" + std::to_string(pair));
    const std::uint64_t second = experiment_salt("b" + std::to_string(pair));
    std::array<std::array<double, 2>, 2> table{};
    for (const std::uint64_t unit : units) table[bucket_of(unit, first) / 5000][bucket_of(unit, second) / 5000] += 1;
    const double row = table[0][0] + table[0][1], column = table[0][0] + table[1][0];
    const double difference = table[0][0] * table[1][1] - table[0][1] * table[1][0];
    const double chi_square = kUnits * difference * difference / (row * (kUnits - row) * column * (kUnits - column));
    p_values.push_back(std::erfc(std::sqrt(chi_square / 2)));  // of one degree of freedom
  }
  std::ranges::sort(p_values);
  double distance = 0;
  for (int i = 0; i < kPairs; ++i) {
    distance = std::max(distance, std::abs(p_values[static_cast<std::size_t>(i)] - (i + 0.5) / kPairs));
  }
  EXPECT_LT(distance, 1.95 / std::sqrt(kPairs));
}

TEST(Assignment, is_independent_between_models) {
  const std::uint64_t churn = assignment_salt("production", "churn");
  int equal = 0;
  for_each_unit(1000, [&](std::string_view key) {
    equal += bucket(key) / 5000 == bucket_of(unit_of(churn, key), kStanding) / 5000 ? 1 : 0;
  });
  EXPECT_NEAR(equal, 500, 80);  // 5 standard deviations
}

TEST(Assignment, never_leaves_the_range) {
  EXPECT_EQ(bucket_of(0), 0U);
  EXPECT_EQ(bucket_of(~std::uint64_t{0}), 9'999U);
}

TEST(Assignment, only_what_was_drawn_is_evidence) {
  EXPECT_TRUE(is_drawn(AssignedBy::Unit));
  EXPECT_TRUE(is_drawn(AssignedBy::Chance));
  for (const auto by : {AssignedBy::Name, AssignedBy::Override, AssignedBy::Outside, AssignedBy::Synthetic}) {
    EXPECT_FALSE(is_drawn(by)) << name_of(by);
  }
}

}  // namespace
}  // namespace slipway::model
