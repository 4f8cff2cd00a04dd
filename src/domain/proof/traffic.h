// Traffic: made-up requests of two versions, from a seed: what the rules of rollouts are tried on.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/evidence/observation.h"
#include "domain/stats/random.h"

namespace slipway::proof {

struct RampStep {
  double share = 0.05;
  double seconds = 600;
};

// What happens to both versions alike, and what only the candidate does wrong. A value.
struct Course {
  double per_second = 100;
  std::vector<RampStep> ramp{{0.05, 600}, {0.1, 600}, {0.25, 600}, {0.5, 1'800}};
  double error_rate = 0.005;
  double incident_rate = 0;  // errors during 18 to 23 minutes, over the second change of the ramp; 0: none
  bool is_diurnal = false;   // traffic and errors swing threefold over twenty minutes
  double burst = 1;          // errors come in bursts of this mean, each of one user who stays in one arm
  bool has_latency = false;  // lognormal, sigma 0.5, p99 300 ms
  std::uint32_t values = 0;  // of a prediction: normal, mean 0, deviation 1
  double revenue_rate = 0;   // orders per request; lognormal, sigma 1.5
  bool is_bandit = false;    // the share follows the arms' error rates, by Thompson's rule, instead of the ramp
  std::uint32_t slices = 0;  // each request lies in one

  double error_ratio = 1;  // the candidate's
  double latency_ratio = 1;
  double slow_share = 0;            // of the candidate's answers a second later
  double value_shift = 0;           // of its predictions
  double slice_error_ratio = 1;     // in slice 0 only
  std::uint64_t cold_requests = 0;  // the candidate's first ones take three times as long

  double seconds() const;
};

// One request after the other, until the ramp ends. The same seed gives the same. One thread.
class Traffic {
 public:
  Traffic(const Course& course, std::uint64_t seed);

  std::optional<evidence::Observation> next();

 private:
  double normal();
  double share_now();
  double error_rate_now() const;
  void assign(evidence::Observation& request);
  void decide_error(evidence::Observation& request);
  void learn(const evidence::Observation& request);

  Course course_;
  stats::Xoshiro256 random_;
  double end_;
  double t_ = 0;
  std::size_t step_ = 0;
  double step_end_;
  std::optional<double> spare_;  // the second normal of a pair
  std::uint64_t candidates_ = 0;
  std::uint64_t units_ = 0;
  std::uint64_t burst_unit_ = 0, burst_left_ = 0;  // the user whose errors come now
  double burst_point_ = 0;                         // where in [0, 1) that user lies
  std::array<double, 2> errors_{}, requests_{};    // the bandit's, by arm
  double bandit_share_ = 0.5;
};

}  // namespace slipway::proof
