// Evidence: what a rollout's traffic has said so far of candidate against control.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/evidence/judgement.h"
#include "domain/evidence/metric_evidence.h"
#include "domain/evidence/observation.h"
#include "domain/evidence/plan.h"
#include "domain/evidence/planned_comparison.h"
#include "domain/evidence/seen_units.h"
#include "domain/stats/ratio_mismatch.h"

namespace slipway::evidence {

// Intervals of effects take time that a controller's tick does not have.
enum class Detail : std::uint8_t { Brief, Full };

// Fed with observations in the order in which they come; never reset and never pooled: a step of the ramp is nothing
// but another logged probability. Without unit keys every answer is a unit. With them a unit is bet on once for each
// metric, at its first eligible event (errors: its first error; else its first value), with the probability logged
// then. A value; one thread. The same observations give the same state and the same judgement, bit for bit.
class Evidence {
 public:
  // InvalidInput as check(plan).
  static Result<Evidence> create(const EvidencePlan& plan);

  // What cannot be used is counted and told by `judge`, never bet on: a probability that is no chance (0 or 1 at the
  // end of a ramp), no unit key where there must be one, values that are NaN or out of their range.
  void observe(const Observation& observation);
  // An assignment that has no answer yet, to see units that are lost between; optional.
  void assigned(stats::Arm arm, double p) { mismatch(0, arm, p, 1); }
  // What the plan's limit of that place has now: nullopt for a source that gives no value, which holds, as it does
  // before it is told. Stays as told until told again.
  void limit(std::size_t index, std::optional<double> value) { limits_.at(index) = value; }

  model::Verdict verdict() const;  // of `judge`, without its text
  bool is_harmful() const;         // what makes it Fail
  bool is_safe() const;            // every guardrail is shown to be no worse by its margin
  bool may_advance() const;        // as `judge` says
  Judgement judge(Detail detail = Detail::Full) const;

  const EvidencePlan& plan() const { return plan_; }
  std::uint64_t answers() const { return answers_; }
  std::uint64_t remembered_units() const { return seen_.size(); }
  // The state as bytes, and back; Corrupt for bytes of another plan's shape.
  std::vector<std::byte> state() const;
  // Without the table of units: what is restored from it judges the same, and is not to observe any more.
  std::vector<std::byte> judged_state() const;
  static Result<Evidence> restore(const EvidencePlan& plan, std::span<const std::byte> state);

 private:
  explicit Evidence(const EvidencePlan& plan);

  template <class State>
  void keep(State& state) {
    state(metrics_, mismatches_, seen_, answers_, unbet_, without_unit_, refused_, warm_up_, fuse_bits_, fuse_answers_);
    state(fuse_blown_, first_t_, last_t_, last_p_, planned_);
  }

  void mismatch(std::size_t stage, stats::Arm arm, double p, std::uint64_t count);
  void answer(const Observation& observation, std::uint64_t& flags);
  void label(const Observation& observation, std::uint64_t& flags);
  void light_fuse(bool error, std::uint64_t count);
  bool is_keyed(const Observation& observation) const;
  bool is_warm(const Observation& observation);

  bool is_planned(std::size_t metric) const { return !planned_.empty() && planned_.front().has(metric); }
  double weight_of(std::size_t metric) const;
  double log_harm() const;
  double harm_bar() const;
  double bar_of(std::size_t metric) const;
  bool has_power() const;
  bool is_amber() const;
  std::vector<std::string> holds() const;
  std::optional<std::size_t> broken_limit() const;
  Finding finding(std::size_t metric, std::optional<std::size_t> slice, Detail detail) const;
  void name_slices(Judgement& judgement, Detail detail) const;
  Missing missing() const;
  std::string reason_for_rollback(const Judgement& judgement) const;
  std::string reason_for_holding(const Judgement& judgement) const;

  EvidencePlan plan_;
  double all_weights_ = 0;
  std::vector<MetricEvidence> metrics_;
  std::vector<PlannedTest> planned_;                  // one, or none
  std::array<stats::RatioMismatch, 3> mismatches_{};  // at assignment, answer, label
  SeenUnits seen_;
  std::vector<std::optional<double>> limits_;  // of each of the plan; not kept: told again after a restart

  std::uint64_t answers_ = 0;
  std::uint64_t unbet_ = 0;         // p was 0, 1 or no probability
  std::uint64_t without_unit_ = 0;  // though the plan is keyed
  std::uint64_t refused_ = 0;       // of units that no longer fit the table
  std::uint64_t warm_up_ = 0;       // the candidate's answers so far, until it is warm
  std::uint64_t fuse_bits_ = 0;
  std::uint64_t fuse_answers_ = 0;
  bool fuse_blown_ = false;
  double first_t_ = 0, last_t_ = 0, last_p_ = 0;
};

}  // namespace slipway::evidence
