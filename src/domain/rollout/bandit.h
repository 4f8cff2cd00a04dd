// The weights that a bandit gives its arms from the rewards so far.
#pragma once

#include <span>
#include <vector>

#include "domain/rollout/strategies.h"

namespace slipway::rollout {

// One arm: what came back for requests that were assigned to it, each weighed by one over the probability with which it
// was (so that a season in which an arm got more traffic does not count more). A value.
struct Arm {
  double rewards = 0;      // their effective number, (sum w)^2 / sum w^2
  double mean = 0;         // weighed; between 0 and 1 for ThompsonBernoulli and Ucb1
  double variance = 0;     // weighed
  bool is_frozen = false;  // a guardrail found harm: no traffic
  bool operator==(const Arm&) const = default;
};

// Control is arms[0] and is never frozen. `present` has a weight for each arm and sums to the whole, as does the
// answer. Frozen arms get nothing at once, and what they had goes to control; the others move by at most `largest_move`
// and keep the floor. Too few rewards of an arm that is not frozen: otherwise as they are.
std::vector<model::BasisPoints> next_weights(const Bandit& bandit, std::span<const Arm> arms,
                                             std::span<const model::BasisPoints> present);

model::BasisPoints floor_of(const Bandit& bandit, std::size_t arms);

}  // namespace slipway::rollout
