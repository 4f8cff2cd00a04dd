// PairEvidence: one metric of a shadow: its counts, and what it bet on pairs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/evidence/agreement_plan.h"
#include "domain/evidence/judgement.h"
#include "domain/evidence/pair_observation.h"
#include "domain/stats/confidence_sequence.h"
#include "domain/stats/paired_process.h"
#include "domain/stats/rate_process.h"

namespace slipway::evidence {

// All that one metric bets, over all pairs or over those of a slice. A value; one thread.
class PairBets {
 public:
  explicit PairBets(const PairMetricPlan& plan);

  void event(bool differs);                       // of sources that count
  void difference(double d);                      // Bias: candidate - control; Accuracy: 1, 0 or -1
  void values(double control, double candidate);  // Distribution

  double log_harm() const;                 // 0 of Numeric, whose differences are facts
  std::optional<double> log_safe() const;  // absent where nothing is to be shown
  double growth_of_safe(double rate) const { return fewer_.front().growth(rate); }  // Requires: a source that counts
  double distance() const { return margins_.front().distance(); }                   // Requires: Distribution

  template <class State>
  void keep(State& state) {
    state(more_, fewer_, symmetry_, coins_, harm_, safe_, margins_);
  }

 private:
  PairSource source_;
  double scale_;
  // Of harm.
  std::vector<stats::RateProcess> more_;
  std::vector<stats::SymmetryProcess> symmetry_;
  std::vector<stats::RateProcess> coins_;  // of Accuracy: candidate alone was wrong
  std::vector<stats::MeanProcess> harm_;
  std::vector<stats::MarginsProcess> margins_;
  // Of no harm.
  std::vector<stats::RateProcess> fewer_;
  std::vector<stats::MeanProcess> safe_;
};

// A value; one thread. What is not finite is counted, and not bet on.
class PairEvidence {
 public:
  PairEvidence(const PairMetricPlan& plan, std::size_t slices, double alpha);

  void answers(const PairObservation::Answers& answers, std::uint64_t slices);
  void label(const PairObservation::Labelled& labelled, std::uint64_t slices);

  double log_harm(double slice_share) const;  // all pairs and slices
  double log_harm_of(std::optional<std::size_t> slice) const;
  std::optional<double> log_safe() const { return all_.log_safe(); }
  bool is_broken() const;  // Numeric, and something differs
  bool has_minimum() const { return pairs_ >= plan_.minimum_sample; }
  double unusable_share() const;
  // About how many more pairs until evidence of no harm reaches its bar, as it grew so far; nullopt: it does not grow.
  std::optional<double> pairs_to_safe(double bar) const;
  // Effect, its interval at every moment, and counts. Requires: not of a slice.
  void describe(Finding& finding) const;
  std::string worst() const;  // "worst difference 0.3 (0.9 for 0.6)"; empty without one

  template <class State>
  void keep(State& state) {
    state(all_, slices_, mean_, pairs_, differing_, unusable_, sums_, worst_, worst_control_, worst_candidate_);
  }

 private:
  template <class Bet>
  void bet(std::uint64_t slices, Bet&& bet);
  void count(bool differs, std::uint64_t slices);
  void compare(double control, double candidate, std::uint64_t slices);
  void subtract(double control, double candidate, std::uint64_t slices);
  bool is_same(const PairObservation::Answers& answers);
  void note_worst(double control, double candidate);

  PairMetricPlan plan_;
  double alpha_;
  PairBets all_;
  std::vector<PairBets> slices_;
  stats::BernsteinInterval mean_;  // of differences, scaled to [0, 1]
  std::uint64_t pairs_ = 0, differing_ = 0, unusable_ = 0;
  std::array<double, 2> sums_{};  // of values: control's, candidate's
  double worst_ = 0, worst_control_ = 0, worst_candidate_ = 0;
};

}  // namespace slipway::evidence
