// ShapeProcess: evidence, valid at every moment, that the values of two arms differ in any way.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/stats/assignment_process.h"

namespace slipway::stats {

// A two-sample test by betting: over K bins, g(bin) = ((c_bin + 1) / (C + K)) / ((b_bin + 1) / (B + K)) with the counts
// of candidate and control of earlier bets only. Finds every difference in time, small shifts late: `TiltProcess` is
// for these. A value; one thread.
class ShapeProcess {
 public:
  explicit ShapeProcess(std::uint32_t bins) : candidate_(bins, 0), control_(bins, 0) {}

  void unit(Arm arm, double rho, std::uint32_t bin);  // Requires: rho inside (0, 1), bin below the number of bins.
  double log_evidence() const { return log_; }

  template <class State>
  void keep(State& state) {
    state(candidate_, control_, candidates_, controls_, log_);
  }

 private:
  std::vector<std::uint64_t> candidate_, control_;
  std::uint64_t candidates_ = 0, controls_ = 0;
  double log_ = 0;
};

// The values that were seen first, sorted: what later values are ranked in. A value; one thread.
class RankReference {
 public:
  explicit RankReference(std::size_t size) : values_(size, 0.0) {}  // Requires: size > 0.

  bool is_frozen() const { return count_ == values_.size(); }
  void add(double value);  // Requires: not frozen, finite.
  // The share below, those of equal value counted half: in [0, 1]. Requires: frozen.
  double rank_of(double value) const;
  double value_at(double share) const;  // below which about this share lies. Requires: frozen, share in [0, 1).

  template <class State>
  void keep(State& state) {
    state(values_, count_);
  }

 private:
  std::vector<double> values_;
  std::uint64_t count_ = 0;
};

}  // namespace slipway::stats
