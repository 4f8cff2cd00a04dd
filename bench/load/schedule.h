// Schedule: when an open-loop generator means to send.
#pragma once

#include <random>

#include "base/clock.h"

namespace slipway::load {

// Closed: a slot sends again as soon as its answer is there. Constant and Poisson: arrivals at `rate` per second,
// whatever the answers do; gaps equal, or exponentially distributed.
enum class Arrivals : std::uint8_t { Closed, Constant, Poisson };

// A value; the same seed gives the same times.
class Schedule {
 public:
  // Requires: rate > 0 unless Closed.
  Schedule(Arrivals arrivals, double rate, std::uint64_t seed, TimePoint start)
      : arrivals_(arrivals), gap_nanoseconds_(rate > 0 ? 1e9 / rate : 0), random_(seed), next_(start) {}

  bool is_open() const { return arrivals_ != Arrivals::Closed; }
  TimePoint next() const { return next_; }  // the time meant for the next request
  void advance();

 private:
  Arrivals arrivals_;
  double gap_nanoseconds_;
  std::mt19937_64 random_;
  TimePoint next_;
  double rest_ = 0;  // fractions of a nanosecond not yet in next_
};

}  // namespace slipway::load
