// Risk ratio processes: evidence, valid at every moment, that errors come more often (or not) from one of two arms.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

// What happened while candidate got the share `rho` of the units: how many of all events were the candidate's. The
// counts are all that the evidence needs; those of equal rho add up, whatever the order. A value.
struct ArmEvents {
  double rho = 0.5;  // the logged probability of candidate, inside (0, 1)
  std::uint64_t candidate = 0;
  std::uint64_t all = 0;
};

// Given that an event (an error) happened, it is the candidate's with probability rho r / (rho r + 1 - rho), r the risk
// ratio; so too for Poisson counts whose rates move together in time (Lindon and Malek, "Anytime-valid inference for
// multinomial count data", 2022). Against H0: r <= 1 the log likelihood ratio of r is
//   N_c ln r - sum over steps of N_s ln(rho_s r + 1 - rho_s),
// and the mean over a grid of r > 1 stays a supermartingale: P(it ever reaches 1/alpha) <= alpha (Ville), under any
// course of the event rate and any ramp. For fewer events as the harm, swap the arms (1 - rho, all - candidate).
struct RiskGrid {
  std::vector<double> ratios{1.25, 1.5, 2, 3, 5, 10};  // each above 1; equally weighted
};
// ln E of harm. InvalidInput for a rho outside (0, 1), more candidate events than events, an empty grid or a ratio that
// is not above 1 and finite.
Result<double> log_evidence_of_harm(std::span<const ArmEvents> steps, const RiskGrid& grid = {});

// ln E against H0: r >= margin, for the alternative r = 1: evidence that the candidate is not worse by the margin.
//   N_c ln(1 / m) + sum over steps of N_s ln(rho_s m + 1 - rho_s)
// Promote at ln(1 / beta). InvalidInput as above, and for a margin that is not above 1 and finite.
Result<double> log_evidence_of_no_harm(std::span<const ArmEvents> steps, double margin);

// How many events (errors of both arms) it takes on average until ln E of the true ratio reaches ln(1 / alpha):
// ln(1 / alpha) / KL(p1 || rho), p1 = rho r / (rho r + 1 - rho). What no test beats by more than an overshoot.
// InvalidInput for alpha or rho outside (0, 1), a ratio that is not above 0 or is 1.
Result<double> events_to_detect(double ratio, double rho, double alpha);

// The ratio under which so many of the events are expected to be the candidate's: the most likely one. 0 if none is,
// infinite if all are. InvalidInput as above, and without events.
Result<double> risk_ratio_estimate(std::span<const ArmEvents> steps);
// The ratios r0 that no evidence against them has reached 1/alpha for, the mixture of r0 k over k in {1/2, 2/3, 4/5,
// 10/11, 11/10, 5/4, 3/2, 2}: the true ratio is among them at every moment at once with probability 1 - alpha, while it
// stays the same. To a relative 1e-4, outwards. InvalidInput as for the estimate, and for alpha outside (0, 1).
Result<Interval> risk_ratio_interval(std::span<const ArmEvents> steps, double alpha);

}  // namespace slipway::stats
