// Agreement: what the answers that candidate gave in the shadow of control's have said so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/evidence/judgement.h"
#include "domain/evidence/pair_evidence.h"
#include "domain/evidence/pair_observation.h"
#include "domain/evidence/plan.h"
#include "domain/evidence/seen_units.h"

namespace slipway::evidence {

// The verdict of a step that mirrors traffic: Fail on evidence of harm, or on one numerical difference where none may
// be; Pass if every metric with a margin or a largest share is shown to keep it; else Inconclusive. Its evidence has
// its own part of the plan's alpha (AgreementPlan::alpha_share). With unit keys a unit is bet on once, at its first
// pair and its first label. A value; one thread. The same observations give the same state and the same judgement, bit
// for bit.
class Agreement {
 public:
  // InvalidInput as check(plan), and for a plan that asks nothing of pairs.
  static Result<Agreement> create(const EvidencePlan& plan);

  void observe(const PairObservation& pair);
  // Pairs that were asked for and are not there: shed, failed before they were sent, their records dropped.
  void lost(std::uint64_t pairs) { lost_ += pairs; }

  model::Verdict verdict() const;  // of `judge`, without its text
  Judgement judge() const;

  const EvidencePlan& plan() const { return plan_; }
  std::uint64_t pairs() const { return pairs_; }
  std::uint64_t remembered_units() const { return seen_.size(); }
  // The state as bytes, and back; Corrupt for bytes of another plan's shape.
  std::vector<std::byte> state() const;
  // Without the table of units: what is restored from it judges the same, and is not to observe any more.
  std::vector<std::byte> judged_state() const;
  static Result<Agreement> restore(const EvidencePlan& plan, std::span<const std::byte> state);

 private:
  explicit Agreement(const EvidencePlan& plan);

  template <class State>
  void keep(State& state) {
    state(metrics_, seen_, pairs_, lost_, without_unit_, refused_, first_t_, last_t_);
  }

  double weight_of(std::size_t metric) const;
  double harm_bar() const;
  double bar_of(std::size_t metric) const;
  double safe_bar() const;
  double log_harm() const;
  bool is_harmful() const;
  bool is_safe() const;
  std::vector<std::string> holds() const;
  Finding finding(std::size_t metric, std::optional<std::size_t> slice) const;
  void name_slices(Judgement& judgement) const;
  Missing missing() const;
  std::string reason_for_rollback(const Judgement& judgement) const;
  std::string reason_for_holding(const Judgement& judgement) const;

  EvidencePlan plan_;
  double all_weights_ = 0;
  std::vector<PairEvidence> metrics_;
  SeenUnits seen_;
  std::uint64_t pairs_ = 0, lost_ = 0;
  std::uint64_t without_unit_ = 0;  // though the plan is keyed
  std::uint64_t refused_ = 0;       // of units that no longer fit the table
  double first_t_ = 0, last_t_ = 0;
};

}  // namespace slipway::evidence
