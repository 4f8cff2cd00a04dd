#include "domain/stats/calibration.h"

#include <gtest/gtest.h>

#include <vector>

namespace slipway::stats {
namespace {

struct Held {
  int above = 0, below = 0;  // runs whose interval lies above or below the true error
};

// 200 samples of forecasts that are `tilt` too high, whose true error in any bins is `tilt`; 90 % intervals.
Held held(std::size_t rows, double tilt) {
  Xoshiro256 random(31);
  Held found;
  for (int run = 0; run < 200; ++run) {
    std::vector<std::uint8_t> outcomes;
    std::vector<double> probabilities;
    for (std::size_t row = 0; row < rows; ++row) {
      const double truth = 0.1 + 0.6 * random.unit();
      probabilities.push_back(truth + tilt);
      outcomes.push_back(random.unit() < truth ? 1 : 0);
    }
    const Interval interval = calibration_error_interval(outcomes, probabilities, {}, 0.9, 200, random).value();
    found.above += interval.low > tilt ? 1 : 0;
    found.below += interval.high < tilt ? 1 : 0;
  }
  return found;
}

TEST(CalibrationError, its_bounds_hold_for_few_rows_and_many_calibrated_or_not) {
  for (const std::size_t rows : {100U, 400U}) {
    for (const double tilt : {0.0, 0.05, 0.2}) {
      const Held found = held(rows, tilt);
      EXPECT_LE(found.above, 17) << rows << ' ' << tilt;  // 97.5 % quantile of 10 in 200
      EXPECT_LE(found.below, 17) << rows << ' ' << tilt;
    }
  }
}

TEST(CalibrationError, few_rows_that_do_not_vary_are_no_proof) {
  Xoshiro256 random(1);
  const std::vector<std::uint8_t> outcomes(20, 1);
  const std::vector<double> probabilities(20, 1.0);
  const Interval interval = calibration_error_interval(outcomes, probabilities, {}, 0.9, 200, random).value();
  EXPECT_EQ(interval.low, 0);
  EXPECT_NEAR(interval.high, 0.139, 1e-3);  // 1 - 0.05^(1/20)
}

TEST(CalibrationError, limits_on_confidence_and_resamples_hold) {
  Xoshiro256 random(1);
  const std::vector<std::uint8_t> outcomes{1, 0};
  const std::vector<double> probabilities{0.5, 0.5};
  EXPECT_FALSE(calibration_error_interval(outcomes, probabilities, {}, 1, 200, random).ok());
  EXPECT_FALSE(calibration_error_interval(outcomes, probabilities, {}, 0.9, 99, random).ok());
  EXPECT_FALSE(calibration_error_interval({}, {}, {}, 0.9, 200, random).ok());
}

}  // namespace
}  // namespace slipway::stats
