// Paired processes: evidence, valid at every moment, on two answers to one and the same question.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "domain/stats/assignment_process.h"
#include "domain/stats/difference_process.h"
#include "domain/stats/rate_process.h"
#include "domain/stats/shape_process.h"

namespace slipway::stats {

// Differences d = candidate - control against H0: given all before it, d is symmetric about 0 (Upwards: or lower than
// such a one, stochastically). The factor is 1 + lambda tanh(d / s), lambda the grid of TiltProcess, s the mean size of
// the earlier differences that were not 0, so that the unit of d plays no part; the first one fixes it and is not bet
// on. Differences of 0 say nothing. A value; one thread.
class SymmetryProcess {
 public:
  explicit SymmetryProcess(Tilt tilt);

  void difference(double d);  // Requires: finite.
  double log_evidence() const;
  double scale() const { return count_ > 0 ? sizes_ / static_cast<double>(count_) : 0; }

  template <class State>
  void keep(State& state) {
    state(logs_, count_, sizes_);
  }

 private:
  std::vector<double> lambdas_;
  std::vector<double> logs_;
  std::uint64_t count_ = 0;  // of those that are not 0
  double sizes_ = 0;
};

// Values in [-1, 1] against H0: given all before it, the mean of each is at most m (Above; Below: at least m). The
// factor is 1 +- lambda (y - m), lambda {.02, .05, .1, .2, .4, .8} of what keeps it positive, mixed equally. A value;
// one thread.
class MeanProcess {
 public:
  MeanProcess(Side side, double m) : side_(side), m_(m) {}  // Requires: m inside (-1, 1).

  void value(double y);  // Requires: in [-1, 1].
  double log_evidence() const;

  template <class State>
  void keep(State& state) {
    state(logs_);
  }

 private:
  static constexpr std::array<double, 6> kBets{0.02, 0.05, 0.1, 0.2, 0.4, 0.8};

  Side side_;
  double m_;
  std::array<double, kBets.size()> logs_{};
};

// Whether two values of each pair have the same distribution. Two-sample tests do not apply, the values depend on one
// another; but if the distributions agree, then of the pairs with just one value above a threshold it is either's
// alike. So each of seven thresholds (control's octiles among its first values, which are not bet on) tosses a coin,
// and the seven are mixed equally. A value; one thread.
class MarginsProcess {
 public:
  explicit MarginsProcess(std::size_t reference = 400) : reference_(reference), coins_(kThresholds) {}

  void pair(double control, double candidate);  // Requires: finite.
  double log_evidence() const;
  bool is_ready() const { return reference_.is_frozen(); }
  // The largest difference of the shares above a threshold: a Kolmogorov-Smirnov distance on seven points.
  double distance() const;

  template <class State>
  void keep(State& state) {
    state(reference_, thresholds_, coins_, pairs_);
  }

 private:
  static constexpr std::size_t kThresholds = 7;

  RankReference reference_;
  std::array<double, kThresholds> thresholds_{};
  std::vector<CoinProcess> coins_;  // heads: candidate alone is above
  std::uint64_t pairs_ = 0;
};

}  // namespace slipway::stats
