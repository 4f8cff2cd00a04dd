// Event processes: the risk ratio's evidence kept as it grows, one bet for each event or each unit.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "domain/stats/assignment_process.h"
#include "domain/stats/risk_ratio.h"

namespace slipway::stats {

// Against H0: r <= null_ratio, for events that are rare: only events are bet on (`risk_ratio.h` has the formula; what
// is divided by is the weight of the null ratio). A value; one thread.
class EventProcess {
 public:
  // Requires: ratios above null_ratio > 0, not empty.
  explicit EventProcess(const RiskGrid& grid = {}, double null_ratio = 1);

  void event(Arm arm, double rho);  // Requires: rho inside (0, 1).
  double log_evidence() const;      // ln E of the mixture

  template <class State>
  void keep(State& state) {
    state(logs_);
    is_mixed_ = false;
  }

 private:
  std::vector<double> ratios_;
  double null_ratio_;
  std::vector<double> logs_;
  mutable double mixture_ = 0;  // ln E, if it is_mixed_: asked for after every answer, and changed by few
  mutable bool is_mixed_ = false;
  double cached_rho_ = 0;  // for which the two below hold
  std::vector<double> if_candidate_, if_control_;
};

// Against H0: r >= margin, for the alternative r = 1: evidence of no harm. A value; one thread.
class MarginProcess {
 public:
  explicit MarginProcess(double margin) : margin_(margin) {}  // Requires: above 1.
  void event(Arm arm, double rho);                            // Requires: rho inside (0, 1).
  double log_evidence() const { return log_; }
  double margin() const { return margin_; }

  template <class State>
  void keep(State& state) {
    state(log_);
  }

 private:
  double margin_;
  double log_ = 0;
};

// Against "no more often than control", for an event that is not rare, of rate about q: every unit is bet on, with
//   g(event) = r, g(none) = (1 - q r) / (1 - q), r in {1.1, 1.25, 1.5, 1.8} as far as q r < 0.95.
// q is chosen by the owner from what came before. g grows with the event, so that it is a supermartingale for fewer
// events of candidate too. A value; one thread.
class FrequentEventProcess {
 public:
  void unit(Arm arm, double rho, bool is_event, double q);  // Requires: rho and q inside (0, 1).
  double log_evidence() const;

  template <class State>
  void keep(State& state) {
    state(logs_);
  }

 private:
  static constexpr std::size_t kRatios = 4;
  void prepare(double rho, double q);

  std::array<double, kRatios> logs_{};
  double cached_rho_ = 0, cached_q_ = 0;  // for which the factors hold, by event and arm
  std::array<std::array<double, kRatios>, 4> factors_{};
};

// What log evidence grows by with one unit of candidate's share rho, if the ratio is r and events come at rate 1: its
// mean and its second moment. Times the rate and summed over units they say how far evidence would have come.
struct Growth {
  double mean = 0;
  double square = 0;
};
Growth growth_of_events(double ratio, double rho);  // Requires: ratio > 0, rho inside (0, 1).
// P(evidence with this mean and variance has reached the bar), by the normal approximation. 0 without growth.
double chance_to_reach(double bar, double mean, double variance);

}  // namespace slipway::stats
