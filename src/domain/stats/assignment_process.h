// Assignment process: a bet, unit after unit, on which arm an outcome came from; evidence that holds at every moment.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace slipway::stats {

enum class Arm : std::uint8_t { Control, Candidate };

// A unit was sent to candidate (T = 1) with the logged probability rho and its outcome weighed as g > 0, g chosen from
// earlier units only. If outcomes do not depend on the arm, the factor
//   g^T / (rho g + 1 - rho)
// has mean 1 given the past and the outcome, so the product is a martingale and P(it ever reaches 1/alpha) <= alpha
// (Ville), whatever outcomes do over time, whatever their distribution, however rho moves. If g grows with the outcome
// it is a supermartingale under "candidate's outcomes are stochastically no larger" too: evidence of harm where larger
// is worse. One bet per unit and metric: a unit that comes again brings no new randomness.
class AssignmentProcess {
 public:
  // ln E so far.
  double log_evidence() const { return log_; }

  // InvalidInput for rho outside (0, 1) or g that is not positive and finite; nothing is bet then.
  Result<void> bet(Arm arm, double rho, double g);
  // The same bet made `count` times at once: evidence kept in counters by outcome.
  Result<void> bet(Arm arm, double rho, double g, std::uint64_t count);

 private:
  double log_ = 0;
};

// A shift of a score in [-1, 1] (2 u - 1 for the rank u in a frozen control reference): g = 1 + lambda s, one process
// for each lambda, mixed equally. Two-sided: lambda = +-{.02, .04, .08, .15, .3, .6}; one-sided, larger is worse: the
// positive ones. A value; one thread.
enum class Tilt : std::uint8_t { TwoSided, Upwards };
class TiltProcess {
 public:
  explicit TiltProcess(Tilt tilt);
  double log_evidence() const;
  // InvalidInput for rho outside (0, 1) or a score outside [-1, 1]; nothing is bet then.
  Result<void> bet(Arm arm, double rho, double score);

  template <class State>
  void keep(State& state) {
    state(logs_);
  }

 private:
  std::vector<double> lambdas_;
  std::vector<double> logs_;
};

}  // namespace slipway::stats
