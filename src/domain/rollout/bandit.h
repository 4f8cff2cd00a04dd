// The weights that a bandit gives its arms from the rewards so far.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "domain/rollout/strategies.h"
#include "domain/stats/linear_reward.h"

namespace slipway::rollout {

// What a policy with context knows when it shares out traffic, and what is known of each reward: when the request came.
// One split serves all requests of a model, so that only what they have in common at one time can be a context: 1, and
// the sine and cosine of the time of day and of the time of week, in UTC.
inline constexpr std::size_t kContextFeatures = 5;
std::array<double, kContextFeatures> context_of(WallTime at);

// One arm: what came back for requests that were assigned to it, each weighed by one over the probability with which it
// was (so that a season in which an arm got more traffic does not count more). A value.
struct Arm {
  double rewards = 0;                             // their effective number, (sum w)^2 / sum w^2
  double mean = 0;                                // weighed; between 0 and 1 for ThompsonBernoulli, Ucb1 and LinUcb
  double variance = 0;                            // weighed
  bool is_frozen = false;                         // a guardrail found harm: no traffic
  stats::LinearReward by_time{kContextFeatures};  // of context_of() the request's time; for LinUcb
  bool operator==(const Arm&) const = default;
};

// Control is arms[0] and is never frozen. `present` has a weight for each arm and sums to the whole, as does the
// answer. Frozen arms get nothing at once, and what they had goes to control; the others move by at most `largest_move`
// and keep the floor. Too few rewards of an arm that is not frozen: otherwise as they are.
std::vector<model::BasisPoints> next_weights(const Bandit& bandit, std::span<const Arm> arms,
                                             std::span<const model::BasisPoints> present, WallTime now);

model::BasisPoints floor_of(const Bandit& bandit, std::size_t arms);

}  // namespace slipway::rollout
