// Closeness of numbers that ought to be the same one.
#include "domain/stats/closeness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace slipway::stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

TEST(Closeness, is_by_any_of_its_tolerances) {
  struct Row {
    double value, reference;
    Tolerance tolerance;
    bool is_close;
  };
  const float next = std::nextafter(100.0F, 200.0F);
  for (const Row& row : {
           Row{1, 1, {}, true},
           Row{1.1, 1, {}, false},
           Row{1.1, 1, {.absolute = 0.2}, true},
           Row{110, 100, {.relative = 0.11}, true},
           Row{110, 100, {.relative = 0.09}, false},
           Row{next, 100, {.ulps = 1}, true},
           Row{std::nextafter(next, 200.0F), 100, {.ulps = 1}, false},
           Row{0.0, -0.0, {}, true},
           Row{kNan, kNan, {}, true},
           Row{kNan, 1, {.absolute = 1e9}, false},
           Row{1, kNan, {.absolute = 1e9}, false},
           Row{kInfinity, kInfinity, {}, true},
           Row{kInfinity, -kInfinity, {.absolute = 1e9}, false},
           Row{1, kInfinity, {.relative = 0.5}, false},
       }) {
    EXPECT_EQ(is_close(row.value, row.reference, row.tolerance), row.is_close) << row.value << " " << row.reference;
  }
}

TEST(Closeness, counts_the_floats_between) {
  EXPECT_EQ(ulps_apart(1.0F, 1.0F), 0U);
  EXPECT_EQ(ulps_apart(0.0F, -0.0F), 0U);
  EXPECT_EQ(ulps_apart(std::numeric_limits<float>::denorm_min(), -std::numeric_limits<float>::denorm_min()), 2U);
  EXPECT_EQ(ulps_apart(1.0F, std::nextafter(1.0F, 0.0F)), 1U);
  EXPECT_EQ(ulps_apart(std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()), 2U * 0x7f7f'ffffU);
}

}  // namespace
}  // namespace slipway::stats
