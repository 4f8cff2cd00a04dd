// Interval and TestOutcome: what an estimate's uncertainty and a test look like, and reading the one as the other.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace slipway::stats {

// Which departures from the null hypothesis count: Less means that the first (or the value) is smaller.
enum class Alternative : std::uint8_t { TwoSided, Less, Greater };

// A test's statistic and its p-value in [0, 1]. A value.
struct TestOutcome {
  double statistic = 0;
  double p_value = 1;
};

// The values that the observations do not speak against, at a stated confidence. low <= high; a bound may be infinite
// where the data cannot bound it. A value.
struct Interval {
  double low = 0;
  double high = 0;
  bool contains(double value) const { return low <= value && value <= high; }
  bool operator==(const Interval&) const = default;
};

// Where an interval lies against a margin. Between: it contains the margin, so more data could say either.
enum class Position : std::uint8_t { Above, Between, Below };
Position position(const Interval& interval, double margin);

// What an interval of (new - old), larger being better, says of "not worse than by `margin`". margin >= 0.
enum class Inferiority : std::uint8_t { NotInferior, Undecided, Inferior };
Inferiority inferiority(const Interval& gain, double margin);

// Ok for 0 < confidence < 1; InvalidInput says what was found.
Result<void> check_confidence(double confidence);

}  // namespace slipway::stats
