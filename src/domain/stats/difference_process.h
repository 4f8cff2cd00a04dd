// DifferenceProcess: evidence, valid at every moment, on the difference of two arms' means of a bounded value.
#pragma once

#include <array>

#include "domain/stats/assignment_process.h"

namespace slipway::stats {

// With y in [0, 1] and the logged probability rho, Z = T y / rho - k (1 - T) y / (1 - rho) - d has the mean
// mu_candidate - k mu_control - d given the past. Above bets against H0: that mean is at most 0, Below against H0: it
// is at least 0, each with the factor 1 +- kappa rho (1 - rho) Z, kappa from {.02, .05, .1, .2, .5, 1, 2} cut to nine
// tenths of what keeps it positive, mixed equally; so the product is a supermartingale whatever the means do over time.
// k = 1 compares by an absolute margin, d = 0 by a relative one (k = 1 + margin), d = 0 and k = 1 is the marked form
// 1 + kappa y (T - rho). A value; one thread.
enum class Side : std::uint8_t { Above, Below };
struct Contrast {
  Side side = Side::Above;
  double k = 1;  // >= 0
  double d = 0;  // in (-1, 1)
};
class DifferenceProcess {
 public:
  explicit DifferenceProcess(const Contrast& contrast) : contrast_(contrast) {}

  void unit(Arm arm, double rho, double y);  // Requires: rho inside (0, 1), y in [0, 1].
  double log_evidence() const;
  static constexpr std::size_t bets() { return kBets.size(); }  // that are mixed

  template <class State>
  void keep(State& state) {
    state(logs_);
  }

 private:
  static constexpr std::array<double, 7> kBets{0.02, 0.05, 0.1, 0.2, 0.5, 1, 2};

  friend double growth_of_difference(const Contrast& contrast, double rho, double rate);

  Contrast contrast_;
  std::array<double, kBets.size()> logs_{};
};

// What ln E grows by with one unit, of the bet that grows fastest, if y of both arms is 1 with this chance and else 0.
double growth_of_difference(const Contrast& contrast, double rho, double rate);  // Requires: rho inside (0, 1).

}  // namespace slipway::stats
