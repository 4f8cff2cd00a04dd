// PlannedComparison: outcomes of two arms compared at a planned number of looks, and only there.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/evidence/judgement.h"
#include "domain/evidence/plan.h"
#include "domain/stats/assignment_process.h"

namespace slipway::evidence {

// One metric, group-sequentially: look k of K comes with the unit that fills k/K of the planned ones, and holds
//   Z = (mean of candidate - f mean of control - d) / sqrt(s_c^2 / n_c + f^2 s_b^2 / n_b)
// against the boundary of Lan and DeMets that spends its alpha over the looks (stats/group_sequential.h). Crossed for
// harm: worse, beyond the tolerance. Crossed for no harm: not worse by the margin, at beta; without a margin better, at
// alpha. What is decided stays decided; harm comes first. A value; one thread.
class PlannedComparison {
 public:
  // Requires: a checked plan with looks; alpha of this metric, both ways.
  PlannedComparison(const MetricPlan& metric, const LookPlan& looks, double alpha, double beta);

  void value(double value, stats::Arm arm);  // NaN and what is out of range are counted, and not compared

  bool is_worse() const { return worse_ != 0; }
  bool is_safe() const { return safe_ != 0; }
  double unusable_share() const;
  std::uint64_t units() const { return arms_[0].units + arms_[1].units; }
  std::optional<std::uint64_t> next_look() const;  // at how many units; none: all are over
  void describe(Finding& finding) const;           // effect and its interval at the last look, counts
  std::string text() const;                        // "look 2 of 5 at 40000 of 100000 units: Z 1.9, bound 2.4"

  // False after reading a state that no comparison leaves.
  bool is_sound() const;

  template <class State>
  void keep(State& state) {
    for (Sums& arm : arms_) state(arm.units, arm.mean, arm.squares);
    state(look_, worse_, safe_, unusable_, z_, effect_, half_);
  }

 private:
  // Of one side of the question; candidate's mean less f times control's less d is to be told from 0.
  struct Contrast {
    double f = 1, d = 0;
  };
  struct Sums {
    std::uint64_t units = 0;
    double mean = 0, squares = 0;  // squares: of deviations from the mean
  };

  double z_of(const Contrast& contrast) const;
  double error_of(double f) const;
  std::uint64_t units_at(std::uint64_t look) const;
  void look();

  MetricPlan metric_;
  LookPlan plan_;
  std::vector<double> harm_bounds_, safe_bounds_;
  std::array<Sums, 2> arms_{};          // control, candidate
  std::uint64_t look_ = 0;              // how many there were
  std::uint64_t worse_ = 0, safe_ = 0;  // the look that decided so; 0: none
  std::uint64_t unusable_ = 0;
  double z_ = 0, effect_ = 0, half_ = 0;  // of the last look
};

// The metrics of a plan that are compared so: outcomes and amounts, while candidate has its planned share. A value; one
// thread.
class PlannedTest {
 public:
  explicit PlannedTest(const EvidencePlan& plan);  // Requires: checked, with looks.

  bool has(std::size_t metric) const { return comparisons_[metric].size() == 1; }
  void value(std::size_t metric, double value, stats::Arm arm, double p);
  const PlannedComparison& of(std::size_t metric) const { return comparisons_[metric].front(); }
  std::optional<std::size_t> worse() const;    // the first metric that is
  std::optional<std::size_t> pending() const;  // the first that is not shown to be safe
  bool is_over() const;                        // each is decided, or has had its last look
  bool is_sound() const { return std::ranges::all_of(comparisons_, are_sound); }

  template <class State>
  void keep(State& state) {
    state(comparisons_);
  }

 private:
  static bool are_sound(const std::vector<PlannedComparison>& comparisons) {
    return std::ranges::all_of(comparisons, &PlannedComparison::is_sound);
  }

  double share_;
  std::vector<std::vector<PlannedComparison>> comparisons_;  // by metric: one, or none
};

}  // namespace slipway::evidence
