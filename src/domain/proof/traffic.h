// Traffic: made-up requests of two versions, from a seed: what the rules of rollouts are tried on.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "domain/evidence/observation.h"
#include "domain/evidence/pair_observation.h"
#include "domain/stats/random.h"

namespace slipway::proof {

// What happens to both versions alike, and what only the candidate does wrong. A value.
struct Course {
  double per_second = 100;
  double seconds = 3'600;
  double error_rate = 0.005;
  double incident_rate = 0;  // errors for five minutes from minute 18, over the second change of the ramp; 0: none
  bool is_incident_anywhere = false;  // it begins at any minute instead, by the seed
  bool is_diurnal = false;            // traffic and errors swing threefold over twenty minutes
  double burst = 1;          // errors come in bursts of this mean, each of one user who keeps his place in the split
  bool has_latency = false;  // lognormal, sigma 0.5, p99 300 ms
  std::uint32_t values = 0;  // of a prediction: normal, mean 0, deviation 1
  double revenue_rate = 0;   // orders per request; lognormal, sigma 1.5
  double right_rate = 0;     // labels that say the prediction was right; 0: no labels
  double label_delay = 0;    // seconds until an order or a label becomes known
  std::uint32_t slices = 0;  // each request lies in one
  double first_slice = 0;    // how many of them lie in slice 0; 0: as many as in any other

  double error_ratio = 1;  // the candidate's
  double latency_ratio = 1;
  double slow_share = 0;         // of the candidate's answers a second later
  double value_shift = 0;        // of its predictions
  double slice_error_ratio = 1;  // in slice 0 only
  double right_ratio = 1;        // of the labels that say so
  // In slice 0 it is right where control is wrong; elsewhere so much better that all its answers are right as often.
  bool flips_first_slice = false;
  std::uint64_t cold_requests = 0;  // the candidate's first ones take three times as long
  double pair_spread = 0;           // deviation of how much two values for one request differ, in the shadow

  // Of answers that went well nothing is to be told but how many there were: they are drawn and told together.
  bool is_counted() const { return !has_latency && values == 0 && revenue_rate == 0 && right_rate == 0 && burst <= 1; }
};

// One answer after the other. The same seed and the same shares give the same. One thread.
class Traffic {
 public:
  Traffic(const Course& course, std::uint64_t seed);

  // The next answer before `until` (seconds since the beginning), if the candidate has this share of the traffic; of a
  // counted course also several alike that went well, told before the error that follows them. Nothing: none is left.
  // Rates are those of the moment of the last answer: whoever wants them to swing asks for a few seconds at a time.
  std::optional<evidence::Observation> next(double until, double share);
  // The next two answers to one request, if this share of the requests is mirrored.
  std::optional<evidence::PairObservation> next_pair(double until, double mirrored);

 private:
  double normal();
  double gap() const;  // seconds between two requests, now
  double error_rate_now() const;
  std::uint64_t binomial(std::uint64_t count, double p);
  void gather(double until, double share);
  std::uint64_t slice_of_error(stats::Arm arm);
  void assign(evidence::Observation& request, double share);
  void decide_error(evidence::Observation& request);
  void decide_latency(evidence::Observation& request);
  void decide_outcome(evidence::Observation& request);
  std::uint64_t slice_of_request();

  Course course_;
  stats::Xoshiro256 random_;
  double t_ = 0;
  std::optional<double> spare_;  // the second normal of a pair
  std::uint64_t candidates_ = 0;
  std::uint64_t units_ = 0;
  std::uint64_t burst_unit_ = 0, burst_left_ = 0;  // the user whose errors come now
  double burst_point_ = 0;                         // where in [0, 1) that user lies
  std::array<evidence::Observation, 3> gathered_;  // of a counted course, told from the end
  std::size_t gathered_left_ = 0;
  double incident_from_ = 0;
  std::deque<evidence::Observation> labels_;  // that are not known yet
};

}  // namespace slipway::proof
