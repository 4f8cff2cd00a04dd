// OffPolicyValue: what a policy would have earned, from what another one that was followed did earn.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "domain/stats/confidence_sequence.h"
#include "domain/stats/interval.h"

namespace slipway::stats {

// One action that was taken with `probability` and earned `reward`; the policy in question takes it with `target`.
// `model` is what a model of rewards, made of earlier ones only, expects of that policy here, `model_of_action` of the
// action that was taken; 0 without one.
struct LoggedReward {
  double probability = 1;  // inside (0, 1]
  double target = 1;       // in [0, 1]
  double reward = 0;       // in [0, 1]
  double model = 0;
  double model_of_action = 0;
};

// Three estimates of the mean reward of the policy in question, w = target / probability cut at `largest_weight`:
//   by inverse propensity   mean(w r), without bias, of the largest variance
//   self-normalised         sum(w r) / sum w, in the range of the rewards
//   doubly robust           mean(model + w (r - model_of_action)), without bias and, if the model is good, of the least
//                           variance (Dudik, Langford and Li, "Doubly robust policy evaluation and learning", 2011)
// and an interval of the mean reward that holds at every moment at once, from w r in [0, largest_weight]
// (BernsteinInterval). Probabilities may depend on all that came before, as a bandit's do. Where weights were cut, the
// estimates and the interval's high end are too low, and its low end still holds. A value; one thread.
class OffPolicyValue {
 public:
  // InvalidInput for a largest weight below 1, or alpha outside (0, 1).
  static Result<OffPolicyValue> create(double largest_weight, double alpha);

  // InvalidInput names what is out of its range; nothing is counted then.
  Result<void> observe(const LoggedReward& logged);

  // NaN before anything was seen; self-normalised also while no weight is above 0.
  double by_inverse_propensity() const { return weighed_ / static_cast<double>(count_); }
  double self_normalised() const { return weighed_ / weights_; }
  double doubly_robust() const { return robust_ / static_cast<double>(count_); }
  double standard_error() const;         // of the doubly robust estimate; without a model, of inverse propensity
  double variance_of_rewards() const;    // under the policy in question, self-normalised
  double effective_sample_size() const;  // (sum w)^2 / sum w^2; 0 before anything was seen
  Interval interval() const;
  std::uint64_t count() const { return count_; }
  std::uint64_t cut() const { return cut_; }  // weights that were larger than the largest

  template <class State>
  void keep(State& state) {
    state(count_, cut_, weights_, squares_, weighed_, weighed_squares_, robust_, robust_squares_, interval_);
  }

 private:
  OffPolicyValue(double largest_weight, double alpha) : largest_(largest_weight), interval_(alpha) {}

  double largest_;
  std::uint64_t count_ = 0, cut_ = 0;
  double weights_ = 0, squares_ = 0;  // of w
  double weighed_ = 0;                // w r
  double weighed_squares_ = 0;        // w r^2
  double robust_ = 0, robust_squares_ = 0;
  BernsteinInterval interval_;
};

}  // namespace slipway::stats
