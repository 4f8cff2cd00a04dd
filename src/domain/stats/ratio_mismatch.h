// RatioMismatch: evidence, valid at every moment, that units did not go to the arms as the logged probabilities say.
#pragma once

#include <array>
#include <cstdint>

#include "domain/stats/assignment_process.h"

namespace slipway::stats {

// While rho stands, the counts of both arms are Bernoulli under H0; the alternative is beta-distributed around rho with
// the weight A: the next unit is candidate's with (A rho + n_candidate) / (A + n). A product over the times between two
// changes of rho, mixed equally over A in {50, 500, 5000} (Lindon and Malek, "Anytime-valid inference for multinomial
// count data", 2022). A value; one thread.
class RatioMismatch {
 public:
  void unit(Arm arm, double rho);                        // Requires: rho inside (0, 1).
  void units(Arm arm, double rho, std::uint64_t count);  // the same, count times
  double log_evidence() const;

  template <class State>
  void keep(State& state) {
    state(rho_, candidates_, all_, logs_);
  }

 private:
  double rho_ = 0;
  double candidates_ = 0, all_ = 0;  // since rho changed
  std::array<double, 3> logs_{};
};

}  // namespace slipway::stats
