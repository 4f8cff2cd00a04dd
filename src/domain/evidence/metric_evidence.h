// MetricEvidence: one metric of a rollout: its counts, its frozen references, and what it bet on them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/evidence/bets.h"
#include "domain/evidence/judgement.h"
#include "domain/evidence/observation.h"
#include "domain/evidence/plan.h"
#include "domain/stats/log_histogram.h"

namespace slipway::evidence {

// References are made of control's values only, and only of values that were bet on: a value that comes while the
// reference is still being gathered is bet on with g = 1, which changes nothing. A value; one thread.
class MetricEvidence {
 public:
  MetricEvidence(const MetricPlan& plan, std::size_t slices);

  // Requires of all: rho inside (0, 1).
  void exposed(stats::Arm arm, double rho, std::uint64_t units);  // of errors: units that might have failed
  void error(stats::Arm arm, double rho, std::uint64_t slices);
  // NaN and what is out of the metric's range are counted, and not bet on.
  void value(double value, stats::Arm arm, double rho, std::uint64_t slices);

  double log_harm() const;                                     // all units and slices, weighed by `slice_share`
  double log_harm_of(std::optional<std::size_t> slice) const;  // nullopt: all units
  std::optional<double> log_safe() const { return all_.log_safe(); }
  void weigh(double slice_share);  // Requires: called after the bets of each observation that are to count.

  const ArmCount& control() const { return control_; }
  const ArmCount& candidate() const { return candidate_; }
  std::optional<double> mean_of(stats::Arm arm) const;  // of values, where these are what the metric compares
  bool has_minimum() const;
  double unusable_share() const;  // of all values

  // P(the design effect would have been found at this exposure), evidence having to reach `bar`.
  double power(double bar) const;
  // About how many more units, with `rho`, until evidence of no harm reaches its bar if the arms are equal, and until
  // the power is reached; nullopt where nothing seen so far says how many.
  std::optional<double> units_to_safe(double bar, double rho) const;
  std::optional<double> units_to_power(double bar, double power, double rho) const;
  std::optional<double> events_to_safe(double bar, double rho) const;

  std::span<const stats::ArmEvents> events_by_share() const;  // empty where the shares were too many
  std::optional<double> effect() const;

  template <class State>
  void keep(State& state) {
    bring_up_to_date();
    state(all_, slices_, slice_harm_, window_, freezes_, frozen_rho_, frozen_, edges_, rate_above_p50_, rate_above_p99_,
          cap_);
    state(ranks_, control_.units, control_.events, candidate_.units, candidate_.events, sums_, squares_, unusable_);
    state(growth_, growth_square_, harm_);
    for (stats::ArmEvents& step : steps_) state(step.rho, step.candidate, step.all);
    state(steps_used_);
  }

 private:
  static constexpr std::size_t kMostShares = 16;

  std::optional<Mark> mark_of(double value, stats::Arm arm, double rho);
  void refreeze(double rho);
  void grow(double rho, double rate);  // of events
  template <class Bet>
  void bet_in_slices(std::uint64_t slices, Bet&& bet);
  void bring_up_to_date() const;
  void count_event(stats::Arm arm, double rho);
  double second_moment() const;
  double design_difference() const;

  MetricPlan plan_;
  Bets all_;
  std::vector<Bets> slices_;
  mutable std::vector<double> slice_harm_;  // of each slice, after its last bet; but those in stale_slices_
  mutable std::uint64_t stale_slices_ = 0;

  stats::LogHistogram window_;  // of control's values since the last freeze
  std::uint64_t freezes_ = 0;
  double frozen_rho_ = 0;
  bool frozen_ = false;
  std::array<std::uint32_t, 3> edges_{};  // buckets of p50, p95, p99
  double rate_above_p50_ = 0.5, rate_above_p99_ = 0.01, cap_ = 0;
  std::vector<stats::RankReference> ranks_;

  ArmCount control_, candidate_;
  std::array<double, 2> sums_{};  // of values, by arm
  double squares_ = 0;            // of y
  std::uint64_t unusable_ = 0;
  double growth_ = 0, growth_square_ = 0;  // of evidence under the design effect, at event rate 1
  std::array<stats::ArmEvents, kMostShares> steps_{};
  std::uint64_t steps_used_ = 0;  // kMostShares + 1: too many
  mutable double harm_ = 0;       // if it is not stale: many bets are made between two looks
  mutable bool is_stale_ = false;
  double slice_share_ = 0;  // to be weighed with

  double cached_rho_ = 0;  // for which the growth of one unit is
  stats::Growth unit_growth_;
};

}  // namespace slipway::evidence
