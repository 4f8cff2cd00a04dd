// Bets: all that one metric bets, over all units or over those of a slice.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/evidence/plan.h"
#include "domain/stats/difference_process.h"
#include "domain/stats/event_process.h"
#include "domain/stats/shape_process.h"

namespace slipway::evidence {

inline constexpr std::uint32_t kBins = 16;  // of predictions' ranks

// What a metric makes of a value, by references that were frozen before it came. A value.
struct Mark {
  double y = 0;  // in [0, 1]: outcomes, amounts, ranks, an error as 1
  bool above_p50 = false, above_p95 = false, above_p99 = false;
  double rate_above_p50 = 0.5;
};

// A value; one thread. Arms and probabilities are checked by the owner: rho inside (0, 1).
class Bets {
 public:
  explicit Bets(const MetricPlan& plan);

  void error(stats::Arm arm, double rho);                    // Errors: each unit's first one
  void value(const Mark& mark, stats::Arm arm, double rho);  // each unit's first value

  double log_harm() const;
  std::optional<double> log_safe() const;  // absent where no margin is stated

  template <class State>
  void keep(State& state) {
    state(rare_, frequent_, tilts_, shapes_, differences_, margins_, safe_);
  }

 private:
  void plan_means(const MetricPlan& plan);

  Source source_;
  Direction direction_;
  bool is_both_ = false;  // safe_ holds two sides that both have to be shown
  // Of harm, in this order, with their shares of it.
  std::vector<stats::EventProcess> rare_;
  std::vector<stats::FrequentEventProcess> frequent_;
  std::vector<stats::TiltProcess> tilts_;
  std::vector<stats::ShapeProcess> shapes_;
  std::vector<stats::DifferenceProcess> differences_;
  std::vector<double> shares_;
  // Of no harm.
  std::vector<stats::MarginProcess> margins_;
  std::vector<stats::DifferenceProcess> safe_;
};

}  // namespace slipway::evidence
